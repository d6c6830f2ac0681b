import type { Secret } from './run-record';

/** A secret as it may be written somewhere. */
export interface SecretForm {
  readonly label: string;
  /** clear, base64, hex … */
  readonly form: string;
  readonly bytes: Buffer;
}

/** In clear, escaped for JSON or a URL, in hex, in base64 and base64url: also where it is only a part of what is encoded. */
export function formsOf({ label, bytes }: Secret): SecretForm[] {
  const text = bytes.toString();
  const isText = Buffer.from(text).equals(bytes);
  const hex = bytes.toString('hex');
  const written: [form: string, ...ways: (Buffer | string)[]][] = [
    ['clear', bytes],
    ['hex', hex, hex.toUpperCase()],
    ['base64', ...base64Of(bytes, 'base64')],
    ['base64url', ...base64Of(bytes, 'base64url')],
  ];
  if (isText) written.push(['JSON', JSON.stringify(text).slice(1, -1)], ['URL encoding', ...urlEncoded(text)]);
  const forms = new Map<string, SecretForm>();
  for (const [form, ...ways] of written) {
    for (const way of ways) {
      const wayBytes = Buffer.from(way as string);
      const key = wayBytes.toString('latin1');
      if (!forms.has(key)) forms.set(key, { label, form, bytes: wayBytes });
    }
  }
  return [...forms.values()];
}

function urlEncoded(text: string): string[] {
  const encoded = encodeURIComponent(text);
  return [encoded, encoded.replace(/%../g, (escape) => escape.toLowerCase())];
}

/** Base64 packs three bytes at a time, so the same bytes read differently at each of three offsets in what is encoded. */
function base64Of(bytes: Buffer, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString(encoding);
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}
