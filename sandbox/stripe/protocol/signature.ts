import { createHmac } from 'node:crypto';

/** The `Stripe-Signature` header: one signature per secret, so that one can be replaced while both still hold. */
export function signatureHeader(rawBody: string, secrets: readonly string[], timestamp: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${timestamp}.${rawBody}`).digest('hex')}`,
  );
  return [`t=${timestamp}`, ...signatures].join(',');
}
