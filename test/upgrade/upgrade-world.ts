import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSession } from '../../src/shared/database/connection';
import { applySupabaseShim, grantLikeSupabase } from '../../src/shared/database/supabase-shim';
import { Instance } from '../fault/instance';
import { AGE_DENIED } from '../fault/storm/ageing';
import { furnish, type Furniture } from '../fault/storm/furnish';
import type { Caps } from '../fault/storm/plan';
import { StormClient } from '../fault/storm/storm-client';
import { StormLog } from '../fault/storm/storm-log';
import { isAllOver } from '../fault/storm/unsettled';
import { Vendor } from '../fault/storm/vendor';
import { WINDOWS } from '../fault/storm/windows';
import { WITNESS } from '../fault/storm/witness';
import { Cleanups } from '../support/cleanups';
import { API_KEY } from '../support/dispatch-world';
import { keepOutput, recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET } from '../support/service';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';
import { announcedCluster } from '../support/test-environment';
import { waitFor } from '../support/wait-for';
import { Balancer } from './balancer';
import { Excuses } from './excuses';
import { buildLastRelease, type LastRelease } from './last-release';
import { Member, type Version } from './member';

/** Small beside what the machine could place, so that slots are scarce. */
const CAPS: Caps = [6, 4];
const USERS = 4;
/** A minute of a call passes in a second. */
const SPEED = 60;
const PATIENCE_MS = 60_000;
/** Many times what the balancer needs to notice. */
const SHUTDOWN_DELAY_MS = '2000';

/** Of one claimant; each once. */
const AGE_PLACEMENTS = `update call_attempts set created_at = created_at - interval '40 seconds'
  where state = 'placing' and claimed_by = $1 and created_at > clock_timestamp() - interval '30 seconds'`;
/** What gets old must not look as if it had been opened before the queue went on: a stop would have it hung up. */
const AGE_STOP = `update dispatch_control set hang_up_before = hang_up_before - interval '1 hour' where isfinite(hang_up_before)`;
const OPEN = `select from call_attempts where claimed_by = $1 and state in ('placing', 'unknown')`;

interface Parts {
  readonly release: LastRelease;
  readonly database: TestDatabase;
  readonly vendors: readonly [Vendor, Vendor];
  /** The address of the instances, for users and for webhooks. */
  readonly balancer: Balancer;
  readonly client: StormClient;
  readonly folder: string;
}

/** A database that the version before has made, two vendors, and instances of both versions behind one address. */
export class UpgradeWorld {
  readonly members: Member[] = [];
  readonly log = new StormLog();
  furniture: Furniture = { users: [], providerIds: [], templateId: '' };

  readonly excuses: Excuses;

  private constructor(
    private readonly parts: Parts,
    private readonly cleanups: Cleanups,
  ) {
    this.excuses = new Excuses(parts.database);
    cleanups.add(() => Promise.all(this.members.map(({ instance }) => instance.kill())));
  }

  /** The last version alone: it has migrated the database, and one instance of it runs. Leaves nothing when it fails. */
  static async start(): Promise<UpgradeWorld> {
    const release = buildLastRelease();
    const cleanups = new Cleanups();
    try {
      const world = new UpgradeWorld(await startParts(release, cleanups), cleanups);
      await world.begin();
      return world;
    } catch (error) {
      await cleanups.run().catch(() => undefined);
      throw error;
    }
  }

  get release(): LastRelease {
    return this.parts.release;
  }

  get database(): TestDatabase {
    return this.parts.database;
  }

  get vendors(): readonly [Vendor, Vendor] {
    return this.parts.vendors;
  }

  get balancer(): Balancer {
    return this.parts.balancer;
  }

  get client(): StormClient {
    return this.parts.client;
  }

  /** Those that run, of one version. */
  running(version: Version): readonly Member[] {
    return this.members.filter((member) => member.version === version && member.instance.isRunning);
  }

  /** Runs a version's `db:migrate`. @returns what it said */
  migrate(version: Version): Promise<string> {
    return migrate(this.database, this.rootOf(version));
  }

  /** Starts an instance, and waits until it is sent requests. */
  async add(version: Version): Promise<Member> {
    const hear = (output: string) => this.log.hear(output);
    const environment = await environmentOf(this.database, this.balancer);
    const name = `${version} ${this.members.filter((member) => member.version === version).length + 1}`;
    const member = new Member(name, version, Instance.launch(environment, hear, this.rootOf(version)));
    this.members.push(member);
    member.instance.record(this.journalOf(version));
    this.balancer.add(member);
    await waitFor(() => member.isReady || !member.instance.isRunning, `the instance "${name}" is ready`, PATIENCE_MS);
    if (!member.instance.isRunning) throw new Error(`The instance "${name}" ended before it was ready`);
    return member;
  }

  /**
   * Ends an instance with SIGTERM, in the two ways in which orchestrators do: an old one is taken out of the balancer
   * before, a new one keeps serving until the balancer has noticed.
   * @returns its code
   */
  async stopInOrder(member: Member): Promise<string> {
    if (member.version === 'old') {
      member.isLeaving = true;
      await waitFor(() => !this.balancer.isAsking(member), `what "${member.name}" was asked is answered`);
    }
    member.instance.signal('SIGTERM');
    const code = await member.instance.ended;
    this.balancer.remove(member);
    return code;
  }

  /** From now on the instance kills itself as soon as it has sent a request for a call. */
  async killWhileItPlaces(member: Member): Promise<void> {
    await this.database.query(AGE_STOP);
    member.isDoomed = true;
    member.instance.stopAt(pointIn(this.journalOf(member.version)));
    await waitFor(() => !member.instance.isRunning, `"${member.name}" is killed`, PATIENCE_MS);
    this.balancer.remove(member);
  }

  /** Waits until the one that has not claimed anything so far does so, and learns its name as a claimant. */
  async learnClaimant(member: Member): Promise<void> {
    const known = this.members.flatMap(({ claimant }) => claimant ?? []);
    const ask = () =>
      this.database.query<{ claimant: string }>(
        `select claimed_by as claimant from call_attempts where claimed_by <> all ($1) limit 1`,
        [known],
      );
    member.claimant = await waitFor(async () => (await ask())[0]?.claimant, `"${member.name}" claims`, PATIENCE_MS);
  }

  /**
   * Everything that the dead one has left is decided by the others. What it was about to place gets old at once, since
   * nobody waits for half a minute here; its last claim may commit after its death.
   */
  async untilNothingIsOpenOf({ name, claimant }: Member): Promise<void> {
    const isDecided = async () => {
      await this.database.query(AGE_PLACEMENTS, [claimant]);
      return (await this.database.query(OPEN, [claimant])).length === 0;
    };
    await waitFor(isDecided, `what "${name}" has left is decided`, PATIENCE_MS);
  }

  /** Every call has ended and is charged, and no webhook is on its way. */
  async settle(): Promise<void> {
    const isSettled = async () => {
      await this.database.query(AGE_DENIED);
      return isAllOver(this.database);
    };
    await waitFor(isSettled, 'every call has ended', PATIENCE_MS);
    const isQuiet = async () =>
      (await Promise.all(this.vendors.map((vendor) => vendor.unfinished()))).every((n) => n === 0);
    await waitFor(isQuiet, 'every webhook is taken or given up', PATIENCE_MS);
  }

  stop(): Promise<void> {
    return this.cleanups.run();
  }

  private async begin(): Promise<void> {
    await this.migrate('old');
    await this.database.query(WITNESS);
    await this.add('old');
    this.furniture = await furnish(this, { users: USERS, caps: CAPS });
  }

  private rootOf(version: Version): string {
    return version === 'old' ? this.release.root : '.';
  }

  private journalOf(version: Version): string {
    return join(this.parts.folder, version);
  }
}

/** Where a process dies whose first request for a call has left, and who will not hear the answer. */
function pointIn(journal: string): string {
  const points = readFileSync(journal, 'utf8').split('\n');
  const point = points.find((one) => one.endsWith('Attempt: after the last byte of a POST'));
  if (point === undefined) throw new Error('So far nothing was placed');
  return point;
}

async function startParts(release: LastRelease, cleanups: Cleanups): Promise<Parts> {
  const folder = mkdtempSync(join(tmpdir(), 'ringonce-upgrade-'));
  cleanups.add(() => rmSync(folder, { recursive: true, force: true }));
  const database = await cleanups.start(createEmptyDatabase(), (made) => made.drop());
  await prepare(database);
  const standIn = { apiKey: API_KEY, seed: 1, speed: SPEED };
  const [vapi, retell, balancer] = await Promise.all([
    cleanups.start(Vendor.start({ ...standIn, vendor: 'vapi' }), (vendor) => vendor.stop()),
    cleanups.start(Vendor.start({ ...standIn, vendor: 'retell' }), (vendor) => vendor.stop()),
    cleanups.start(Balancer.open(), (opened) => opened.close()),
  ]);
  const client = await StormClient.start(balancer.url, randomUUID());
  return { release, database, vendors: [vapi, retell], balancer, client, folder };
}

/** As the service's account finds a database before its first migration. */
async function prepare(database: TestDatabase): Promise<void> {
  await withSession(database.superuserUrl, async (session) => {
    await applySupabaseShim(session);
    await grantLikeSupabase(session, announcedCluster().role);
  });
}

async function migrate({ url }: TestDatabase, root: string): Promise<string> {
  const child = spawn(process.execPath, ['dist/scripts/db-migrate.js'], {
    cwd: root,
    env: { DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      keepOutput(chunk);
      said += chunk.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`db:migrate ended with ${code}: ${said}`);
  return said.trim();
}

async function environmentOf({ url }: TestDatabase, balancer: Balancer): Promise<Readonly<Record<string, string>>> {
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    DATABASE_URL: url,
    PUBLIC_URL: balancer.url,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    SUPABASE_JWT_SECRET: JWT_SECRET,
    CREDENTIALS_KEYS,
    RATE_LIMIT_PER_MINUTE: '100000',
    BILLING_RATE_LIMIT_PER_MINUTE: '100000',
    ...WINDOWS,
    SHUTDOWN_DELAY_MS,
  };
  recordEnvironment(environment);
  return environment;
}
