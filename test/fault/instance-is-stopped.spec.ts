import { numbers } from '../support/dispatch-world';
import { TwoVendors } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';
import { Instance } from './instance';
import { agePlacements, instanceEnvironment } from './kill-world';

jest.setTimeout(120_000);

let vendors: TwoVendors;
let instance: Instance;
let recipients: readonly [string, string];
let environment: Readonly<Record<string, string>>;

/** One call can be under way, and another one waits behind it. */
beforeEach(async () => {
  vendors = await TwoVendors.start({ limits: [1, 1] });
  await vendors.world.admin('PATCH', `/v1/admin/providers/${vendors.second.id}`, { isActive: false });
  recipients = numbers(2) as [string, string];
  environment = { ...(await instanceEnvironment(vendors.world.database)), PLACE_TIMEOUT_MS: '30000' };
});
afterEach(async () => {
  await instance.kill();
  await vendors.stop();
});

/** Queues both calls at an instance of its own process, and waits until the vendor is asked for the first one. */
async function underWay(answer: { kind: 'slow-answer'; delayMs: number } | { kind: 'hang-after' }): Promise<void> {
  const [first] = vendors.sandboxes;
  first.order({ number: recipients[0], answer, webhooks: { mode: 'lost' } });
  await vendors.world.service.app.close();
  const { database, userId, templateId } = vendors.world;
  for (const number of recipients)
    await database.query(`insert into call_queue (user_id, recipient_number, template_id) values ($1, $2, $3)`, [
      userId,
      number,
      templateId,
    ]);
  instance = await Instance.start(environment);
  await first.waitFor(({ posts }) => posts.length === 1);
}

const attempts = () =>
  vendors.world.database.query<{ state: string }>('select state from call_attempts order by created_at');

/** It serves on meanwhile: whatever is under way may have something to tell. */
const isStopping = async () => {
  const { status, body } = await instance.request('GET', '/health/ready');
  return status === 503 && (body as { checks: Record<string, string> }).checks['running'] === 'failed';
};

/** Another instance takes up what the first one left. */
async function carryOn(): Promise<void> {
  await agePlacements(vendors.world.database);
  instance = await Instance.start(environment);
  await vendors.world.settled(60_000);
  for (const number of recipients) expect(vendors.dialsTo(number)).toBe(1);
  expect(vendors.sandboxes[0].posts).toHaveLength(recipients.length);
  expect(await vendors.history()).toEqual(vendors.createdCalls());
}

describe('an instance that is stopped', () => {
  it('finishes what is under way, and claims nothing more', async () => {
    await underWay({ kind: 'slow-answer', delayMs: 1_500 });
    instance.signal('SIGTERM');
    expect(await instance.ended).toBe('0');
    const [attempt, ...others] = await attempts();
    expect(attempt?.state).toMatch(/^(placed|ended)$/);
    expect(others).toEqual([]);
    await carryOn();
  });

  it('leaves at once when it is told a second time, and loses and doubles nothing', async () => {
    await underWay({ kind: 'hang-after' });
    instance.signal('SIGTERM');
    await waitFor(isStopping, 'the instance is about to stop');
    expect(instance.isRunning).toBe(true);
    instance.signal('SIGTERM');
    expect(await instance.ended).toBe('143');
    expect(await attempts()).toEqual([{ state: 'placing' }]);
    await carryOn();
  });
});
