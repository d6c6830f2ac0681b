/** A number to call from, and where it may call. */
export interface Line {
  readonly id: string;
  /** The vendor's id. */
  readonly externalId: string;
  /** E.164. */
  readonly fullNumber: string;
  /** The calling code: 1, 49. */
  readonly countryCode: string;
  readonly areaCode: string | null;
  /** The countries that it may call, ISO 3166-1 alpha-2; null = all. */
  readonly destinations: readonly string[] | null;
}

/** Whom a call is for, as far as the choice of a number goes. */
export interface Destination {
  /** E.164. */
  readonly recipientNumber: string;
  /** ISO 3166-1 alpha-2; NO_COUNTRY when the number tells none. */
  readonly country: string;
}

/** Stands for the country of a number that belongs to none, such as a satellite phone's. */
export const NO_COUNTRY = 'ZZ';

/** Whether the number may call the destination. */
export function mayCall(line: Pick<Line, 'destinations'>, country: string): boolean {
  return line.destinations === null || line.destinations.includes(country);
}

/**
 * The number to call from: one of the recipient's own area first, since people take up calls from numbers that look
 * familiar, then one of the same country, and among equals the first of `lines`, which begin with the one unused
 * longest. Undefined when none may call there.
 *
 * Area and country are compared as digits: calling codes and the area codes of a country are never the beginning of
 * one another. Countries that share a calling code count as one here; `destinations` tells them apart.
 */
export function chooseLine(lines: readonly Line[], { recipientNumber, country }: Destination): Line | undefined {
  let best: Line | undefined;
  let bestNearness = -1;
  for (const line of lines) {
    const nearness = mayCall(line, country) ? nearnessTo(recipientNumber, line) : -1;
    if (nearness > bestNearness) [best, bestNearness] = [line, nearness];
  }
  return best;
}

/** 2: same area · 1: same country · 0: elsewhere. */
function nearnessTo(recipientNumber: string, { countryCode, areaCode }: Line): number {
  const country = digitsOf(countryCode);
  if (country === '' || !recipientNumber.startsWith(`+${country}`)) return 0;
  const area = digitsOf(areaCode ?? '');
  return area !== '' && recipientNumber.startsWith(`+${country}${area}`) ? 2 : 1;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');
