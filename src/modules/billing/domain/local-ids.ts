/** How every id begins that the local payment page has given, and none of a payment vendor's. */
export const LOCAL_PREFIX = 'local_';

export function isLocalId(id: string): boolean {
  return id.startsWith(LOCAL_PREFIX);
}
