import { ClearExpiredDetails } from '../../src/modules/calls/application/clear-expired-details';
import { CallHistory } from '../../src/modules/calls/application/ports/call-history.port';
import { ExpiredDetails } from '../../src/modules/calls/application/ports/expired-details.port';
import { CallReported } from '../../src/modules/calls/public/call-reported.event';
import { IdempotencyKeys } from '../../src/shared/http/idempotency-keys.port';
import { DispatchWorld } from '../support/dispatch-world';
import { startService } from '../support/service';
import { waitFor } from '../support/wait-for';

const HOUR_MS = 3_600_000;

describe('retention', () => {
  let world: DispatchWorld;

  beforeAll(async () => {
    world = await DispatchWorld.start({
      environment: {
        TRANSCRIPT_RETENTION_DAYS: '7',
        RECORDING_RETENTION_DAYS: '30',
        IDEMPOTENCY_KEY_RETENTION_HOURS: '2',
      },
    });
  });
  afterAll(() => world.stop());

  const get = <T>(token: abstract new (...given: never[]) => T): T =>
    world.service.app.get(token as never, { strict: false });
  const record = async (id: string) => {
    const [row] = await world.database.query(
      `select attempt_id, status, outcome, duration_seconds, recipient_number, transcript, summary, analysis, recording_url
         from user_call_history where call_queue_id = $1`,
      [id],
    );
    return row!;
  };
  const age = (id: string, days: number) =>
    world.database.query(
      `update user_call_history set created_at = now() - make_interval(days => $2) where call_queue_id = $1`,
      [id, days],
    );
  const talk = async (number: string): Promise<string> => {
    const [id] = await world.queue([number]);
    await world.callWhen(id!, 'completed');
    await waitFor(async () => (await record(id!))['transcript'] !== null, 'the transcript is there');
    return id!;
  };

  it('clears what was said, then where it was recorded, and keeps the record', async () => {
    const id = await talk('+12025550111');
    await world.database.query(
      `update user_call_history set recording_url = 'https://recordings.test/1', summary = 's',
      analysis = '{"a": 1}' where call_queue_id = $1`,
      [id],
    );
    const before = await record(id);
    const clear = get(ClearExpiredDetails);

    await age(id, 6);
    await clear.execute();
    expect(await record(id)).toEqual(before);

    await age(id, 8);
    await clear.execute();
    const withoutWords = { ...before, transcript: null, summary: null, analysis: null };
    expect(await record(id)).toEqual(withoutWords);

    await age(id, 31);
    await clear.execute();
    expect(await record(id)).toEqual({ ...withoutWords, recording_url: null });

    const late = {
      providerCallId: 'x',
      progress: 'ended',
      durationSeconds: 31,
      transcript: 't',
      summary: 's',
    } as const;
    const attemptId = before['attempt_id'] as string;
    const report = { ...late, analysis: { a: 1 }, recordingUrl: 'https://recordings.test/2' };
    await get(CallHistory).merge([new CallReported(attemptId, report)]);
    expect(await record(id)).toEqual({ ...withoutWords, recording_url: null, duration_seconds: 31 });
  });

  it('leaves calls under way alone, and shares the work among instances', async () => {
    const ids = [await talk('+12025550112'), await talk('+12025550113'), await talk('+12025550114')];
    for (const id of ids) await age(id, 8);
    await world.database.query(`update user_call_history set status = 'in-progress' where call_queue_id = $1`, [
      ids[0],
    ]);
    const details = get(ExpiredDetails);
    const cleared = await Promise.all([1, 2, 3].map(() => details.clearTranscripts(24 * HOUR_MS, 2)));
    expect(cleared.reduce((sum, count) => sum + count)).toBe(2);
    expect((await record(ids[0]!))['transcript']).not.toBeNull();
    expect(await details.clearTranscripts(24 * HOUR_MS, 2)).toBe(0);
  });

  it('removes idempotency keys that nobody asks for any more, in portions', async () => {
    await world.database.query(
      `insert into idempotency_keys (subject, key, route, request_hash, status, response, created_at)
       select 'somebody', 'key ' || hours, 'POST /v1/calls', 'hash', 201, '{}', now() - make_interval(hours => hours)
         from generate_series(0, 4) as hours`,
    );
    const keys = get(IdempotencyKeys);
    expect(await keys.sweep(2 * HOUR_MS, 2)).toBe(2);
    expect(await keys.sweep(2 * HOUR_MS, 2)).toBe(1);
    expect(await keys.sweep(2 * HOUR_MS, 2)).toBe(0);
    expect(await world.database.query(`select key from idempotency_keys order by key`)).toEqual([
      { key: 'key 0' },
      { key: 'key 1' },
    ]);
  });

  it('follows a setting of its own for each of transcripts, recordings, answers to keys, and payment events', async () => {
    const { query } = world.database;
    const ids = [await talk('+12025550115'), await talk('+12025550116'), await talk('+12025550117')];
    for (const [index, days] of [2, 4, 6].entries()) await age(ids[index]!, days);
    await query(
      `update user_call_history set recording_url = 'https://recordings.test/1' where call_queue_id = any ($1)`,
      [ids],
    );
    await query('delete from idempotency_keys');
    await query(
      `insert into idempotency_keys (subject, key, route, request_hash, status, response, created_at)
       select 'somebody', 'of ' || minutes, 'POST /v1/calls', 'hash', 201, '{}', now() - make_interval(mins => minutes)
         from unnest(array[30, 90]) as minutes`,
    );
    await query(
      `insert into stripe_events (id, type, created, payload, status, processed_at)
       select 'evt_' || status || days, 'invoice.paid', now(), '{}', status,
              case when status = 'processed' then now() - make_interval(days => days) end
         from (values ('processed', 7), ('processed', 9), ('failed', 99)) as given (status, days)`,
    );

    const instance = await startService({
      database: world.database,
      environment: {
        TRANSCRIPT_RETENTION_DAYS: '3',
        RECORDING_RETENTION_DAYS: '5',
        IDEMPOTENCY_KEY_RETENTION_HOURS: '1',
        STRIPE_EVENT_RETENTION_DAYS: '8',
      },
    });
    const kept = async () => ({
      details: await query(
        `select transcript is not null as transcript, recording_url is not null as recording from user_call_history
          where call_queue_id = any ($1) order by created_at desc`,
        [ids],
      ),
      keys: (await query('select key from idempotency_keys')).map(({ key }) => key as string),
      events: (await query('select id from stripe_events order by id')).map(({ id }) => id as string),
    });
    try {
      await waitFor(async () => {
        const { details, keys, events } = await kept();
        return details[2]!['recording'] === false && keys.length < 2 && events.length < 3;
      }, 'each has been looked through');
      expect(await kept()).toEqual({
        details: [
          { transcript: true, recording: true },
          { transcript: false, recording: true },
          { transcript: false, recording: false },
        ],
        keys: ['of 30'],
        events: ['evt_failed99', 'evt_processed7'],
      });
    } finally {
      await instance.stop();
    }
  });
});
