import PgBoss from 'pg-boss';
import { setTimeout as delay } from 'node:timers/promises';
import { serveParent } from '../../support/child-process';
import { now } from '../clock';
import type { Enqueued, PeerPlace } from './peer';
import { type Job, sendPost } from './placement';

const QUEUE = 'place';
const BATCH_SIZE = 100;
/** The least that it takes. */
const POLL_SECONDS = 0.5;
const INSERT_SIZE = 1_000;
const LOOK_MS = 2;

/** pg-boss: fetches batches; a worker whose batch was full is told to fetch again at once. */
class Boss {
  private boss: PgBoss | undefined;
  private handled = 0;

  readonly duties = {
    start: async (place: PeerPlace): Promise<void> => {
      const { batchSize = BATCH_SIZE, concurrency = 1, databaseUrl } = place;
      this.boss = await new PgBoss({ connectionString: databaseUrl }).start();
      await this.boss.createQueue(QUEUE);
      for (let index = 0; index < concurrency; index += 1) await this.addWorker(place, batchSize);
    },
    enqueue: async (count: number): Promise<number> => {
      const jobs = Array.from({ length: count }, (_, index) => ({
        name: QUEUE,
        data: { number: `+1202${String(2_000_000 + index)}` } satisfies Job,
      }));
      for (let first = 0; first < count; first += INSERT_SIZE)
        await this.running.insert(jobs.slice(first, first + INSERT_SIZE));
      return now();
    },
    enqueueOne: async (): Promise<Enqueued> => {
      const asked = now();
      await this.running.send(QUEUE, { number: '+12022000000' } satisfies Job);
      return { asked, answered: now() };
    },
    untilDone: async (count: number): Promise<number> => {
      while (this.handled < count) await delay(LOOK_MS);
      // Its last batch is still to be written down.
      while ((await this.running.getQueueSize(QUEUE, { before: 'completed' })) > 0) await delay(LOOK_MS);
      return now();
    },
  };

  async stop(): Promise<void> {
    await this.boss?.stop({ graceful: false, wait: true });
  }

  private get running(): PgBoss {
    if (!this.boss) throw new Error('pg-boss has not been started');
    return this.boss;
  }

  private async addWorker(place: PeerPlace, batchSize: number): Promise<void> {
    const id: string = await this.running.work<Job>(
      QUEUE,
      { batchSize, pollingIntervalSeconds: POLL_SECONDS },
      async (jobs) => {
        await Promise.all(jobs.map(({ data }) => sendPost(place, data)));
        this.handled += jobs.length;
        if (jobs.length === batchSize) this.running.notifyWorker(id);
      },
    );
  }
}

const boss = new Boss();
serveParent(boss.duties, () => boss.stop());
