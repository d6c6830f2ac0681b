import { Logger } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { z } from 'zod';
import { AuditLog } from '../src/modules/providers/adapters/audit/audit-log';
import { AuditedProviderAccounts } from '../src/modules/providers/adapters/audit/audited-provider-accounts';
import { JoseCredentialsCipher } from '../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { DrizzleProviderAccounts } from '../src/modules/providers/adapters/drizzle/drizzle-provider-accounts';
import { RotateCredentials, type RotationReport } from '../src/modules/providers/application/rotate-credentials';
import { type CredentialsKey, providersVariables } from '../src/modules/providers/providers.settings';
import { Database } from '../src/shared/database/database';
import { databaseVariables } from '../src/shared/database/database.settings';
import { DrizzleAuditTrail } from '../src/shared/database/drizzle-audit-trail';
import { DrizzleUnitOfWork } from '../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../src/shared/database/pool';
import { describeFailure } from '../src/shared/observability/describe-failure';
import { readEnvironment } from './read-environment';

/** One provider at a time. */
const CONNECTIONS = 1;

const environment = z.object({
  DATABASE_URL: databaseVariables.DATABASE_URL.unwrap(),
  CREDENTIALS_KEYS: providersVariables.CREDENTIALS_KEYS.unwrap(),
});

/**
 * `npm run credentials:rotate`: encrypts the credentials of every provider with the first key of CREDENTIALS_KEYS,
 * while the service runs. Exits 1 when some could not be read, which are left as they were.
 */
async function main(): Promise<void> {
  Logger.overrideLogger(['error', 'fatal']);
  const given = readEnvironment(environment);
  if (!given) return;
  const report = await rotate(given.DATABASE_URL, given.CREDENTIALS_KEYS);
  tell(report);
  if (report.unreadable.length > 0) process.exitCode = 1;
}

async function rotate(url: string, keys: readonly CredentialsKey[]): Promise<RotationReport> {
  const pool = createPool(url, CONNECTIONS);
  try {
    const database = new Database(drizzle(pool));
    const unitOfWork = new DrizzleUnitOfWork(database);
    const cipher = new JoseCredentialsCipher({ keys });
    const author = { get: () => ({ kind: 'system', userId: null, requestId: null }) as const };
    const log = new AuditLog(unitOfWork, new DrizzleAuditTrail(database, author));
    const accounts = new AuditedProviderAccounts(new DrizzleProviderAccounts(database), log, cipher);
    return await new RotateCredentials(unitOfWork, accounts, cipher).execute();
  } finally {
    await pool.end();
  }
}

/** Names of providers and keys, never what they protect. */
function tell({ keyId, rotated, current, unreadable }: RotationReport): void {
  for (const { name, fromKeyId } of rotated) console.log(`${name}: from key "${fromKeyId ?? 'unknown'}" to "${keyId}"`);
  for (const { name, keyId: lost } of unreadable) {
    console.error(
      `${name}: left as it is, since no key reads what key "${lost ?? 'unknown'}" encrypted. Put that key back into ` +
        'CREDENTIALS_KEYS, or set new credentials with PATCH /v1/admin/providers/:id.',
    );
  }
  console.log(
    `Key "${keyId}": ${rotated.length} rotated, ${current.length} already there, ${unreadable.length} unreadable`,
  );
}

main().catch((error: unknown) => {
  console.error(describeFailure(error));
  process.exitCode = 1;
});
