const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The user whom we noted on an object; null when nobody did, or somebody wrote something else there by hand. */
export function userIdIn(metadata: unknown): string | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  return asUserId((metadata as Record<string, unknown>)['user_id']);
}

export function asUserId(value: unknown): string | null {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;
}
