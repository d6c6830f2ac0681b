import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { API_KEY } from '../../support/dispatch-world';
import { recordEnvironment } from '../../support/run-record';
import { CREDENTIALS_KEYS, JWT_SECRET } from '../../support/service';
import { TcpPassage } from '../../support/tcp-passage';
import { Fleet } from './fleet';
import { furnish, type StormUser } from './furnish';
import type { Caps } from './plan';
import { PgBouncer } from './pgbouncer';
import { StormClient } from './storm-client';
import { StormDatabase } from './storm-database';
import { StormLog } from './storm-log';
import { Vendor } from './vendor';
import { WINDOWS } from './windows';

/** A minute of a call passes in a second. */
const SPEED = 60;
const SHUTDOWN_TIMEOUT_MS = '5000';

export interface StormSetting {
  readonly seed: number;
  readonly instances: number;
  readonly users: number;
  readonly caps: Caps;
  /** How many calls each user is going to want, more or less. */
  readonly callsPerUser: number;
  /** Where PgBouncer is, if the instances are to go through it. */
  readonly pgbouncer?: string | undefined;
}

interface Parts {
  readonly database: StormDatabase;
  readonly vendors: readonly [Vendor, Vendor];
  /** The address of the instances, for users and for webhooks. */
  readonly front: TcpPassage;
  readonly fleet: Fleet;
  readonly client: StormClient;
  readonly log: StormLog;
  readonly folder: string;
  readonly pooler: PgBouncer | undefined;
}

/** Instances behind one address, a database, and two vendors, each in a process of its own. */
export class StormWorld {
  users: readonly StormUser[] = [];
  providerIds: readonly string[] = [];
  templateId = '';

  private constructor(private readonly parts: Parts) {}

  static async start({ seed, instances, users, caps, callsPerUser, pgbouncer }: StormSetting): Promise<StormWorld> {
    const database = await StormDatabase.start();
    const folder = mkdtempSync(join(tmpdir(), 'ringonce-storm-'));
    const standIn = { apiKey: API_KEY, seed, speed: SPEED };
    const vendors = [
      await Vendor.start({ ...standIn, vendor: 'vapi' }),
      await Vendor.start({ ...standIn, vendor: 'retell' }),
    ] as const;
    const pooler = pgbouncer === undefined ? undefined : await PgBouncer.start(pgbouncer, database.url);
    const log = new StormLog();
    const front = await TcpPassage.open(() => fleet.port());
    const environment = environmentOf(database, front, pooler);
    const fleet = new Fleet(environment, join(folder, 'points'), (output) => log.hear(output));
    const adminId = await database.database.createUser();
    const client = await StormClient.start(`http://127.0.0.1:${front.port}`, adminId);
    const world = new StormWorld({ database, vendors, front, fleet, client, log, folder, pooler });
    await fleet.start(instances);
    await world.tightenPlans(callsPerUser);
    Object.assign(world, await furnish({ client, database: database.database, vendors }, { users, caps }));
    return world;
  }

  get database(): StormDatabase {
    return this.parts.database;
  }

  get vendors(): readonly [Vendor, Vendor] {
    return this.parts.vendors;
  }

  get front(): TcpPassage {
    return this.parts.front;
  }

  get fleet(): Fleet {
    return this.parts.fleet;
  }

  get client(): StormClient {
    return this.parts.client;
  }

  get log(): StormLog {
    return this.parts.log;
  }

  get journal(): string {
    return join(this.parts.folder, 'points');
  }

  /** The stand-ins first: whoever waits for an answer of theirs need not wait any longer. */
  async stop(): Promise<void> {
    for (const vendor of this.vendors) await vendor.stop();
    await this.fleet.stop();
    await this.parts.pooler?.stop();
    await this.front.close();
    await this.database.stop();
    rmSync(this.parts.folder, { recursive: true, force: true });
  }

  /** Whoever is moved to a lesser plan soon has nothing left there. */
  private async tightenPlans(callsPerUser: number): Promise<void> {
    for (const [slug, share] of [
      ['free', 0.3],
      ['basic', 0.7],
    ] as const)
      await this.database.query(`update subscription_plans set call_limit = $2, minutes_limit = $3 where slug = $1`, [
        slug,
        Math.floor(callsPerUser * share),
        Math.floor(callsPerUser * share * 1.5),
      ]);
  }
}

function environmentOf(database: StormDatabase, front: TcpPassage, pooler: PgBouncer | undefined) {
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    DATABASE_URL: pooler?.url ?? database.url,
    ...(pooler && { DATABASE_DIRECT_URL: database.url }),
    PUBLIC_URL: `http://127.0.0.1:${front.port}`,
    HOST: '127.0.0.1',
    SUPABASE_JWT_SECRET: JWT_SECRET,
    CREDENTIALS_KEYS,
    RATE_LIMIT_PER_MINUTE: '100000',
    BILLING_RATE_LIMIT_PER_MINUTE: '100000',
    ...WINDOWS,
    SHUTDOWN_TIMEOUT_MS,
  };
  recordEnvironment(environment);
  return environment;
}
