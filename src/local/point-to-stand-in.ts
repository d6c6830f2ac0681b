import { withSession } from '../shared/database/connection';

/**
 * The stand-in for Vapi listens elsewhere at each start, while the provider that the first start registered remembers
 * the old place. Only that provider changes, and only as long as it names a place on loopback.
 */
export async function pointToStandIn(databaseUrl: string, url: string): Promise<void> {
  await withSession(databaseUrl, (session) =>
    session.query(
      `update call_service_providers set base_url = $1
        where driver = 'vapi' and name = 'vapi' and base_url like 'http://127.0.0.1:%' and base_url <> $1`,
      [url],
    ),
  );
}
