import { Client, Pool } from 'pg';
import { serveParent } from '../../support/child-process';
import { now } from '../clock';
import { Milestones } from '../milestones';
import type { Enqueued, PeerPlace } from './peer';
import { type Job, sendPost } from './placement';

const BATCH_SIZE = 100;
const CONCURRENCY = 4;

const TABLE = `
  create table floor_jobs (id bigint generated always as identity primary key, payload jsonb not null, status text not null default 'queued');
  create index on floor_jobs (id) where status = 'queued'`;
const CLAIM = `
  update floor_jobs set status = 'sent'
   where id = any(array(select id from floor_jobs where status = 'queued' order by id limit $1 for update skip locked))
  returning id, payload`;
const FINISH = `update floor_jobs set status = 'done' where id = any($1::bigint[])`;

/** The least that a queue on PostgreSQL does: INSERT and NOTIFY, claim, POST, write down. No retries, no limits, no proof. */
class BareFloor {
  private pool = new Pool({ max: 1 });
  private listener: Client | undefined;
  private send: (job: Job) => Promise<void> = () => Promise.resolve();
  private batchSize = BATCH_SIZE;
  private concurrency = CONCURRENCY;
  private lanes = 0;
  private readonly done = new Milestones();

  readonly duties = {
    start: async (place: PeerPlace): Promise<void> => {
      this.send = (job) => sendPost(place, job);
      this.batchSize = place.batchSize ?? BATCH_SIZE;
      this.concurrency = place.concurrency ?? CONCURRENCY;
      this.pool = new Pool({ connectionString: place.databaseUrl, max: this.concurrency + 1 });
      await this.pool.query(TABLE);
      this.listener = new Client({ connectionString: place.databaseUrl });
      await this.listener.connect();
      this.listener.on('notification', () => this.wake());
      await this.listener.query('listen floor');
    },
    enqueue: async (count: number): Promise<number> => {
      await this.pool.query(
        `with added as (
           insert into floor_jobs (payload)
           select jsonb_build_object('number', '+1202' || (2000000 + index)) from generate_series(0, $1 - 1) index
           returning id
         ) select pg_notify('floor', '') from (select count(*) from added) counted`,
        [count],
      );
      return now();
    },
    enqueueOne: async (): Promise<Enqueued> => {
      const asked = now();
      return { asked, answered: await this.duties.enqueue(1) };
    },
    untilDone: (count: number): Promise<number> => this.done.until(count),
  };

  async stop(): Promise<void> {
    await this.listener?.end();
    await this.pool.end();
  }

  private wake(): void {
    while (this.lanes < this.concurrency) {
      this.lanes += 1;
      void this.drain().finally(() => (this.lanes -= 1));
    }
  }

  private async drain(): Promise<void> {
    for (;;) {
      const { rows } = await this.pool.query<{ id: string; payload: Job }>(CLAIM, [this.batchSize]);
      if (rows.length === 0) return;
      await Promise.all(rows.map(({ payload }) => this.send(payload)));
      await this.pool.query(FINISH, [rows.map(({ id }) => id)]);
      this.done.add(rows.length);
    }
  }
}

const floor = new BareFloor();
serveParent(floor.duties, () => floor.stop());
