/**
 * What must not be read in a log even if an error's message or a vendor's words bring it along: phone numbers, tokens,
 * keys, and the passwords and parameters of URLs. No line is written with these on purpose; this is the net below.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@'"]*@/gi, '$1[redacted]@'],
  [/(\/[\w.~%:-]*)\?[\w.~%-]+=[^\s'"]*/g, '$1?[redacted]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{8,}(\.[\w-]*){1,4}/g, '[redacted]'],
  [/\b(sk|rk|pk|whsec|key)_[\w-]{8,}/g, '$1_[redacted]'],
  [/\+[1-9](?:[ ().-]{0,2}\d){6,14}(?!\d)/g, '[number]'],
];

/** Ids have nothing of it, and are most of what is logged. */
const SUSPICIOUS = /[+?@]|earer|asic|eyJ|(?:sk|rk|pk|whsec|key)_/i;

/** False for a text that `redact` leaves as it is. */
export function mayHoldSecrets(text: string): boolean {
  return SUSPICIOUS.test(text);
}

/** A text for the log, without what looks like a secret or like a person's number. */
export function redact(text: string): string {
  if (!mayHoldSecrets(text)) return text;
  return SECRETS.reduce((told, [pattern, instead]) => told.replace(pattern, instead), text);
}
