import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../../src/application';
import { ClaimCalls } from '../../src/modules/calls/application/claim-calls';
import { DispatchQueue } from '../../src/modules/calls/application/ports/dispatch-queue.port';
import { QueueDispatcher } from '../../src/modules/calls/application/queue-dispatcher';
import { CreateProvider } from '../../src/modules/providers/application/create-provider';
import { readSettings } from '../../src/settings';
import type { BenchDatabase } from './bench-database';

/** What the service takes at a time unless it is told otherwise. */
const BATCH = 10;
/** Far above what is open at a time. */
const SLOTS = 1_000;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * The part of the service that claims, wired as in the service, on one database. Nothing runs by itself: the
 * application is never started.
 */
export class Claimant {
  private readonly claimedBy = randomUUID();

  private constructor(private readonly app: NestFastifyApplication) {}

  static async on(database: BenchDatabase): Promise<Claimant> {
    const settings = readSettings({
      DATABASE_URL: database.url,
      SUPABASE_JWT_SECRET: randomBytes(24).toString('hex'),
      CREDENTIALS_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    });
    const app = await createApplication(settings, { logger: false });
    // Whatever wakes it, nothing is ever placed from here.
    await app.get(QueueDispatcher).stop();
    return new Claimant(app);
  }

  /** A provider with room for everything that is claimed here. @returns its id */
  async addProvider(): Promise<string> {
    const { id } = await this.app.get(CreateProvider).execute({
      name: 'Bench',
      driver: 'vapi',
      type: 'voice',
      credentials: { apiKey: 'unused' },
      baseUrl: NOWHERE,
      concurrencyLimit: SLOTS,
      priority: 1,
      isActive: true,
    });
    return id;
  }

  /** One claim as the dispatcher makes it, up to its commit. @returns how many calls it took */
  async claim(limit = BATCH): Promise<number> {
    return (await this.app.get(ClaimCalls).execute(limit, this.claimedBy)).attempts.length;
  }

  /** What every instance does each second, and whenever calls are queued. */
  async look(): Promise<void> {
    await this.app.get(DispatchQueue).outlook();
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
