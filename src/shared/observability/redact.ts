/**
 * What must not be read in a log even if an error's message or a vendor's words bring it along: phone numbers with their
 * plus, addresses of mail, tokens, keys, and the passwords and parameters of URLs. No line is written with these on
 * purpose; this is the net below. Each pattern takes time in proportion to the text, whoever has made that up.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z\d+.-]{0,30}:\/\/)[^\s/@'"]*@/gi, '$1[redacted]@'],
  [/(\/[\w.~%:-]*)\?[\w.~%-]+=[^\s'"]*/g, '$1?[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, '[redacted]'],
  [/\b(sk|rk|pk|whsec|key)_[\w-]{8,}/g, '$1_[redacted]'],
  [/(?:\+|%2B)[1-9](?:[ ().-]{0,2}\d){6,14}(?!\d)/gi, '[number]'],
  [/[^\s@"'<>(),:;/\\=[\]{}?&]{1,64}(?:@|%40)(?:[\p{L}\d-]{1,63}\.){1,8}\p{L}{2,24}/giu, '[address]'],
];

/** Ids have nothing of it, and are most of what is logged. */
const SUSPICIOUS = /[+?@]|%2B|%40|earer|asic|eyJ|(?:sk|rk|pk|whsec|key)_/i;

/** What is longer is no line but somebody's document. In characters. */
const LONGEST = 8_192;

/** False for a text that `redact` leaves as it is. */
export function mayHoldSecrets(text: string): boolean {
  return text.length > LONGEST || SUSPICIOUS.test(text);
}

/** A text for the log, without what looks like a secret or like a person's number or address, and not endless. */
export function redact(text: string): string {
  if (!mayHoldSecrets(text)) return text;
  const [head, rest] = [text.slice(0, LONGEST), text.length > LONGEST ? ' …' : ''];
  return SECRETS.reduce((told, [pattern, instead]) => told.replace(pattern, instead), head) + rest;
}

/** A text for a terminal, which takes what stands between letters for orders: to clear what was read, or to hide it. */
export function printable(text: string): string {
  return redact(text).replace(CONTROL, '');
}

const CONTROL = /(?![\t\n])\p{Cc}/gu;
