import { numbers } from '../support/dispatch-world';
import { HeardLog } from '../support/heard-log';
import { RestoredWorld } from '../support/restored-world';

jest.setTimeout(240_000);

let restored: RestoredWorld;
afterEach(() => restored.stop());

it('tells of each call that a vendor lists by its own ids, and of none where it tells of the provider', async () => {
  restored = await RestoredWorld.start();
  const { world } = restored;
  const [before, lost, after] = numbers(3) as [string, string, string];
  const template = { templateId: await world.addTemplate({ assistantId: world.account.assistantIds[0] }) };
  const idOf = async (number: string) => {
    const [ids] = await world.database.query<{ call: string; attempt: string }>(
      `select call.id as call, attempt.id as attempt from call_queue as call
         left join call_attempts as attempt on attempt.call_queue_id = call.id where recipient_number = $1`,
      [number],
    );
    return ids!;
  };
  let queued: string[] = [];
  await restored.hold(async () => (queued = await world.queue([before, after], template)));
  await restored.backUp();
  // Whichever way the vendor lists them, one that is known comes before the one that is not.
  await world.database.query(`update call_queue set scheduled_time = now() + interval '1 day' where id = $1`, [
    queued[1],
  ]);
  await world.admin('POST', '/v1/admin/queue/resume');
  await world.callWhen(queued[0]!, 'completed');
  await world.queue([lost], template);
  const callOf = await idOf(lost);
  await world.callWhen(callOf.call, 'completed');
  await world.database.query(`update call_queue set scheduled_time = now() where id = $1`, [queued[1]]);
  await world.callWhen(queued[1]!, 'completed');
  const ids = await idOf(lost);

  const log = new HeardLog();
  await restored.restore();
  await restored.resumed();
  await world.settled();
  expect(
    log
      .about({ event: 'attempt.restored' })
      .map(({ callId }) => callId)
      .sort(),
  ).toEqual([...queued].sort());
  const [untaken, ...more] = log.about({ event: 'provider.untaken_call' });
  expect(more).toEqual([]);
  expect(untaken).toMatchObject({ callId: ids.call, attemptId: ids.attempt, providerId: world.account.id });
  expect(untaken?.providerCallId).toEqual(expect.any(String));
  const compared = log.about({ event: 'provider.compared', providerId: world.account.id });
  expect(compared).toHaveLength(1);
  for (const id of ['callId', 'attemptId', 'providerCallId']) expect(compared[0]).not.toHaveProperty(id);
  expect(log.texts.filter((text) => [before, lost, after].some((number) => text.includes(number.slice(1))))).toEqual(
    [],
  );
});
