/**
 * What is recorded together: at most so many. A group is given up, and each of its members recorded alone, when one of its
 * locks is held by somebody else for so long, or when all of it takes longer than any group does that is not stuck.
 */
export const GROUPS = { most: 100, lockPatienceMs: 500, patienceMs: 5_000 } as const;
