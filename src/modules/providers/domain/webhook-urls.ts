/** Where vendors report to. */
export class WebhookUrls {
  /** @param publicUrl where the internet reaches this service, without a trailing slash */
  constructor(private readonly publicUrl: string) {}

  of(providerId: string): string {
    return `${this.publicUrl}/v1/webhooks/providers/${providerId}`;
  }
}
