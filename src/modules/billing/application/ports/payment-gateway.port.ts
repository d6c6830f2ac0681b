/** The side that takes the money. */
export abstract class PaymentGateway {
  /**
   * Opens a page where the user manages payment methods and invoices, and from which `returnUrl` leads back.
   * @returns the page's URL
   * @throws PaymentsUnavailable when no payment side is configured
   */
  abstract openPortal(userId: string, returnUrl: string): Promise<string>;
}
