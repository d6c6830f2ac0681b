/** What a number must have in its capabilities to be called from. */
export const VOICE = 'voice';
/** Before the ISO 3166-1 alpha-2 code of a country that a number may call: `to:US`. */
const DESTINATION_PREFIX = 'to:';

/** Whether calls may go out from a number at all. */
export const mayCall = (capabilities: readonly string[]): boolean => capabilities.includes(VOICE);

/** The countries that a number may call; null = all of them, because it names none. Other entries mean nothing here. */
export function destinationsOf(capabilities: readonly string[]): readonly string[] | null {
  const named = capabilities.filter((entry) => entry.startsWith(DESTINATION_PREFIX));
  return named.length === 0 ? null : named.map((entry) => entry.slice(DESTINATION_PREFIX.length));
}

/** The capabilities of a number that its vendor limits to `destinations`. Limits that it has already are left as they are. */
export function limitedTo(capabilities: readonly string[], destinations: readonly string[] = []): readonly string[] {
  if (destinationsOf(capabilities) !== null) return capabilities;
  return [...capabilities, ...destinations.map((country) => DESTINATION_PREFIX + country)];
}
