/**
 * What is recorded together: at most so many, and none of them waits longer for a lock of somebody else than this. The
 * group is then given up, and each is recorded alone, so that whoever is held up holds up no other.
 */
export const GROUPS = { most: 100, patienceMs: 500 } as const;
