/** Somebody to be called. */
export interface Person {
  readonly name: string;
  readonly number: string;
}

const NAMES = [
  'Ada Lovelace',
  'Alan Turing',
  'Annie Easley',
  'Barbara Liskov',
  'Charles Babbage',
  'Claude Shannon',
  'Dennis Ritchie',
  'Donald Knuth',
  'Edsger Dijkstra',
  'Evelyn Granville',
  'Frances Allen',
  'Grace Hopper',
  'Hedy Lamarr',
  'Jean Bartik',
  'John Backus',
  'Karen Jones',
  'Katherine Johnson',
  'Konrad Zuse',
  'Margaret Hamilton',
  'Mary Jackson',
  'Niklaus Wirth',
  'Radia Perlman',
  'Shafi Goldwasser',
  'Tony Hoare',
  'Vint Cerf',
] as const;

/** 555-0100 to 555-0199 belong to nobody, in any area; the first ones are the stand-in's own. */
const FIRST_LINE = 110;
const LAST_LINE = 199;
const LINES = Array.from({ length: LAST_LINE - FIRST_LINE + 1 }, (_, index) => `+12025550${FIRST_LINE + index}`);

/** How many calls one run queues. */
export const PEOPLE_COUNT = NAMES.length;

/** The people of one run, each with a number that is not taken: so that one number means one call. */
export function peopleApartFrom(taken: readonly string[]): readonly Person[] {
  const free = LINES.filter((line) => !taken.includes(line));
  return NAMES.flatMap((name, index) => (free[index] === undefined ? [] : [{ name, number: free[index] }]));
}
