import { Logger, run, type Runner } from 'graphile-worker';
import { Pool } from 'pg';
import { serveParent } from '../../support/child-process';
import { now } from '../clock';
import { Milestones } from '../milestones';
import { BareReceiver } from './bare-receiver';
import type { Enqueued, PeerPlace } from './peer';
import { type Destination, type Job, sendPost } from './placement';

/** Its documentation's way with many short tasks: more jobs at once than the processor has cores, a connection for each. */
const CONCURRENCY = 24;
const POLL_MS = 2_000;

const silent = new Logger(() => () => undefined);

/** graphile-worker: one job for one call, or in its array mode one job for many. */
class GraphileWorker {
  private runner: Runner | undefined;
  private pool: Pool | undefined;
  private receiver: BareReceiver | undefined;
  private callsPerJob = 1;
  private readonly done = new Milestones();

  readonly duties = {
    start: async (place: PeerPlace): Promise<void> => {
      const { concurrency = CONCURRENCY, databaseUrl, callsPerJob = 1 } = place;
      if (place.takesWebhooks) this.receiver = new BareReceiver();
      const destination: Destination = { ...place, webhookUrl: (await this.receiver?.start(databaseUrl)) ?? '' };
      this.callsPerJob = callsPerJob;
      this.pool = new Pool({ connectionString: databaseUrl, max: 2 });
      this.runner = await run({
        connectionString: databaseUrl,
        concurrency,
        maxPoolSize: concurrency + 1,
        pollInterval: POLL_MS,
        noHandleSignals: true,
        logger: silent,
        taskList: {
          place: async (payload) => {
            await Promise.all(
              (Array.isArray(payload) ? payload : [payload]).map((job) => sendPost(destination, job as Job)),
            );
          },
        },
      });
      this.runner.events.on('job:complete', ({ error }) => {
        if (!error) this.done.add(this.callsPerJob);
      });
    },
    enqueue: async (count: number): Promise<number> => {
      const payload = `json_build_object('number', '+1202' || (2000000 + index))`;
      await this.query(
        `select count(graphile_worker.add_job('place', payload))
           from (select json_agg(${payload}) as many, (json_agg(${payload}) -> 0) as one
                   from generate_series(0, $1 - 1) index group by index / $2) jobs,
                lateral (select case when $2 = 1 then one else many end as payload) chosen`,
        [count, this.callsPerJob],
      );
      return now();
    },
    enqueueOne: async (): Promise<Enqueued> => {
      const asked = now();
      await this.query(`select graphile_worker.add_job('place', '{"number":"+12022000000"}')`);
      return { asked, answered: now() };
    },
    untilDone: (count: number): Promise<number> => this.done.until(count),
  };

  async stop(): Promise<void> {
    await this.runner?.stop();
    await this.receiver?.stop();
    await this.pool?.end();
  }

  private async query(statement: string, parameters: readonly unknown[] = []): Promise<void> {
    await this.pool?.query(statement, [...parameters]);
  }
}

const worker = new GraphileWorker();
serveParent(worker.duties, () => worker.stop());
