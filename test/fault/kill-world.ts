import { setTimeout as delay } from 'node:timers/promises';
import { recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET } from '../support/service';
import type { TestDatabase } from '../support/test-database';
import { TwoVendors } from '../support/two-vendors';
import { Instance } from './instance';
import { InstanceDied, Round } from './round';

/** Calls at once that each provider is allowed. */
export const CAP = 6;
/** Windows are short, so that what waits for a window is over soon. */
const SHORT_WINDOWS = {
  DISPATCH_INTERVAL_MS: '200',
  RECONCILE_INTERVAL_MS: '200',
  POLL_SILENT_AFTER_MS: '600',
  UNKNOWN_RESOLVE_AFTER_MS: '1500',
  PLACE_TIMEOUT_MS: '5000',
};
/** Beyond the time that a placement's owner may take to record it, and within what a vendor is searched for. */
const AGE = '40 seconds';
/** When a round is over for those who look at it, this is what its last steps may take. */
const AFTERMATH_MS = 1_000;
/** What the operating system may take to tell that a process is dead. */
const DEATH_MS = 5_000;

/** A database, two vendors, and one instance at a time, each in a process that may be killed. */
export class KillWorld {
  private rounds = 0;
  private instance: Instance | undefined;
  private constructor(
    readonly vendors: TwoVendors,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(): Promise<KillWorld> {
    const vendors = await TwoVendors.start({ limits: [CAP, CAP] });
    // It has set up the providers and the template; from here on only processes that can be killed serve.
    await vendors.world.service.app.close();
    return new KillWorld(vendors, await instanceEnvironment(vendors.world.database));
  }

  /** Runs a round undisturbed, and writes every point that it reaches to the file. */
  async tour(file: string): Promise<Round> {
    const instance = await this.running();
    instance.record(file);
    const round = new Round(this.vendors, (this.rounds += 1));
    await round.drive(instance);
    return round;
  }

  /**
   * Runs a round whose instance kills itself at the point; another instance goes on until all is over.
   * @returns whether the point was reached
   */
  async killAt(point: string): Promise<{ round: Round; isReached: boolean }> {
    const instance = await this.running();
    instance.stopAt(point);
    const round = new Round(this.vendors, (this.rounds += 1));
    try {
      await round.drive(instance);
      // The last points of a round come just after what it waits for.
      await Promise.race([instance.ended, delay(AFTERMATH_MS, undefined, { ref: false })]);
      return { round, isReached: !instance.isRunning };
    } catch (error) {
      if (!(await hasDied(instance, error))) throw error;
    }
    await agePlacements(this.vendors.world.database);
    await round.drive(await this.running());
    return { round, isReached: true };
  }

  async stop(): Promise<void> {
    await this.instance?.kill();
    await this.vendors.stop();
  }

  private async running(): Promise<Instance> {
    if (!this.instance?.isRunning) this.instance = await Instance.start(this.environment);
    return this.instance;
  }
}

/** What an instance needs to know to serve from the database. */
export async function instanceEnvironment({ url }: TestDatabase): Promise<Readonly<Record<string, string>>> {
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: url,
    PORT: String(await freePort()),
    SUPABASE_JWT_SECRET: JWT_SECRET,
    CREDENTIALS_KEYS,
    RATE_LIMIT_PER_MINUTE: '100000',
    BILLING_RATE_LIMIT_PER_MINUTE: '100000',
    ...SHORT_WINDOWS,
  };
  recordEnvironment(environment);
  return environment;
}

/** Placements of the dead are given up by their age: nobody waits for half a minute here. */
export async function agePlacements(database: TestDatabase): Promise<void> {
  await database.query(`update call_attempts set created_at = created_at - $1::interval where state = 'placing'`, [
    AGE,
  ]);
}

/** A request that fails may be the first sign; the process's end is told a moment later. */
async function hasDied(instance: Instance, error: unknown): Promise<boolean> {
  if (!(error instanceof InstanceDied))
    await Promise.race([instance.ended, delay(DEATH_MS, undefined, { ref: false })]);
  return !instance.isRunning;
}
