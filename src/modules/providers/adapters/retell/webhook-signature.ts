import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the vendor's clock, and the way here, may be apart from ours. */
const WINDOW_MS = 300_000;

/** `v` is the moment of signing in milliseconds, `d` a SHA-256 in hexadecimal. Nothing else may stand in the header. */
const SIGNATURE = /^v=([1-9]\d{0,15}),d=([0-9a-fA-F]{64})$/;

/**
 * Whether a webhook is signed with the account's key: an HMAC-SHA256 over the body as it came and the moment of
 * signing. Within the window a webhook may come again; reports are idempotent, so that changes nothing.
 */
export function isSigned(
  header: string | undefined,
  rawBody: Uint8Array,
  { key, now }: { readonly key: string; readonly now: number },
): boolean {
  const [, moment = '', signature = ''] = SIGNATURE.exec(header ?? '') ?? [];
  if (moment === '' || key === '' || Math.abs(now - Number(moment)) > WINDOW_MS) return false;
  const expected = createHmac('sha256', key).update(rawBody).update(moment).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}
