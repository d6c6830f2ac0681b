const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Whether a text that came from outside can be a user's id at all. */
export function isUserId(text: string): boolean {
  return UUID.test(text);
}
