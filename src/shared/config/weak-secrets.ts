/** Distinct characters, or bytes, that what comes from a random source has all but certainly. */
const FEWEST_CHARACTERS = 8;
const FEWEST_BYTES = 16;
const KEY_BYTES = 32;

/** What stands in examples, ours and Supabase's and Stripe's, until somebody replaces it. */
const PLACEHOLDER =
  /change.?(me|this)|replace.?(me|this)|your.?(own|secret|super|password|key|api)|placeholder|example|super.?secret|\.\.\.|…/i;
/** Passwords of tutorials and of our own examples. */
const COMMON_PASSWORDS = new Set(['password', 'postgres', 'secret', 'ringonce', 'supabase', 'admin', 'root', '123456']);

/** Whether a secret that somebody else has made is only a stand-in for one. */
export function isPlaceholder(secret: string): boolean {
  return PLACEHOLDER.test(secret) || isRepetition(secret);
}

/** Whether a secret of one's own can be guessed: it was not made at random. */
export function isGuessable(secret: string): boolean {
  return isPlaceholder(secret) || new Set(secret).size < FEWEST_CHARACTERS;
}

/** The same for the bytes of a key: too few different ones, or each as far from the one before it as the next. A short one is no key, which is told elsewhere. */
export function isGuessableKey(bytes: Uint8Array): boolean {
  if (bytes.length < KEY_BYTES) return false;
  const steps = new Set(Array.from(bytes.subarray(1), (byte, position) => (byte - (bytes[position] ?? 0)) & 0xff));
  return new Set(bytes).size < FEWEST_BYTES || steps.size === 1;
}

/** The same for the password in a connection string. One without a password is let in by other means. */
export function hasGuessablePassword(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const password = decodeURIComponent(new URL(url).password);
  return password !== '' && (COMMON_PASSWORDS.has(password.toLowerCase()) || isPlaceholder(password));
}

/** One piece over and over: `aaaa`, `abcabc`. */
function isRepetition(secret: string): boolean {
  return secret.length > 1 && (secret + secret).indexOf(secret, 1) < secret.length;
}
