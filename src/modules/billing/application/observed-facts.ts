/** A webhook of the payment side is answered. Published for those who count. */
export class PaymentWebhookAnswered {
  /** @param lagSeconds from the event, by the payment side's clock, until it was taken; null unless it was */
  constructor(
    readonly result: 'taken' | 'unauthenticated' | 'failed',
    readonly lagSeconds: number | null,
  ) {}
}
