import { Logger } from '@nestjs/common';
import { FakeCallProvider } from '../../../../test/support/fakes/fake-call-provider';
import { InMemoryProviderPool } from '../../../../test/support/fakes/in-memory-provider-pool';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import type { ClaimedAttempt } from './claim-calls';
import { DialPermission } from './dial-permission';
import type { DispatchSettings } from './dispatch-settings';
import { PlaceAttempt } from './place-attempt';
import type { ReleaseUnsent } from './release-unsent';
import type { RecordPlacement } from './record-placement';
import { SendAttempt } from './send-attempt';

const SETTINGS = { placeTimeoutMs: 30_000 } as DispatchSettings;

/** Keeps what is recorded; refuses the first `failures` tries, as a database that is away would. */
class Recorder {
  readonly results: PlaceResult[] = [];
  constructor(public failures = 0) {}

  async execute(_: ClaimedAttempt, result: PlaceResult): Promise<void> {
    if (this.failures-- > 0) throw new Error('the database is away');
    this.results.push(result);
  }
}

class CountingProvider extends FakeCallProvider {
  placed = 0;
  override async placeCall(...given: Parameters<FakeCallProvider['placeCall']>): Promise<PlaceResult> {
    const result = await super.placeCall(...given);
    if (result.kind === 'accepted') this.placed += 1;
    return result;
  }
}

const claimed = (driver: FakeCallProvider, change: Partial<ClaimedAttempt> = {}): ClaimedAttempt => ({
  id: 'attempt',
  callQueueId: 'call',
  providerId: 'provider',
  phoneNumber: { id: 'number', externalId: 'vendor-number', fullNumber: '+12025550100' },
  assistant: { id: 'assistant', externalId: 'vendor-assistant' },
  to: '+12025550123',
  variables: {},
  reservedMinutes: 2,
  maxDurationSeconds: 120,
  preparedAtMs: Date.now(),
  driver,
  ...change,
});

const setUp = (recorder = new Recorder(), isStopped = async () => false, resumedAgoMs: number | null = null) => {
  const released: string[] = [];
  const release = { execute: async (id: string) => void released.push(id) } as unknown as ReleaseUnsent;
  const record = recorder as unknown as RecordPlacement;
  const permission = new DialPermission({ look: async () => ({ isStopped: await isStopped(), resumedAgoMs }) });
  const send = new SendAttempt(new InMemoryProviderPool(), permission, SETTINGS);
  const placeAttempt = new PlaceAttempt(send, record, release);
  return { recorder, released, placeAttempt };
};

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('PlaceAttempt', () => {
  it('sends once and records the answer', async () => {
    const provider = new CountingProvider();
    const { recorder, placeAttempt } = setUp();
    await placeAttempt.execute(claimed(provider));
    expect(recorder.results).toEqual([{ kind: 'accepted', providerCallId: 'fake-call' }]);
    expect(provider.placed).toBe(1);
  });

  it('records the answer again until the database takes it, without sending again', async () => {
    const provider = new CountingProvider();
    const { recorder, placeAttempt } = setUp(new Recorder(2));
    const warn = jest.spyOn(Logger.prototype, 'warn');
    await placeAttempt.execute(claimed(provider));
    expect(recorder.results).toHaveLength(1);
    expect(provider.placed).toBe(1);
    // However long it lasts, it is told once.
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('counts the placement as unknown when the driver throws', async () => {
    const provider = new FakeCallProvider();
    jest.spyOn(provider, 'placeCall').mockRejectedValue(new Error('a bug in the driver'));
    const { recorder, placeAttempt } = setUp();
    await placeAttempt.execute(claimed(provider));
    expect(recorder.results).toEqual([{ kind: 'unknown', cause: 'bad_answer' }]);
  });

  it('sends nothing, and puts the call back, once the queue is stopped', async () => {
    const provider = new CountingProvider();
    const { recorder, released, placeAttempt } = setUp(new Recorder(), async () => true);
    await placeAttempt.execute(claimed(provider));
    expect(provider.placed).toBe(0);
    expect({ recorded: recorder.results, released }).toEqual({ recorded: [], released: ['attempt'] });
  });

  it('sends nothing, and puts the call back, where a stop that hangs up has come and gone since it was prepared', async () => {
    const provider = new CountingProvider();
    const { released, placeAttempt } = setUp(new Recorder(), async () => false, 1_000);
    await placeAttempt.execute(claimed(provider, { preparedAtMs: Date.now() - 2_000 }));
    expect({ placed: provider.placed, released }).toEqual({ placed: 0, released: ['attempt'] });
    await placeAttempt.execute(claimed(provider));
    expect(provider.placed).toBe(1);
  });

  it('lets nothing leave that asked while the driver has given up already, and puts the call back', async () => {
    let answer: (isStopped: boolean) => void = () => undefined;
    const { recorder, released, placeAttempt } = setUp(
      new Recorder(),
      () => new Promise<boolean>((resolve) => (answer = resolve)),
    );
    const provider = new FakeCallProvider();
    let late: Promise<boolean> | undefined;
    jest.spyOn(provider, 'placeCall').mockImplementation((_call, _timeoutMs, maySend) => {
      late = maySend?.();
      return Promise.resolve({ kind: 'unknown', cause: 'timeout' });
    });
    await placeAttempt.execute(claimed(provider));
    answer(false);
    expect(await late).toBe(false);
    expect({ recorded: recorder.results, released }).toEqual({ recorded: [], released: ['attempt'] });
  });

  it('lets only one request leave, whatever the driver asks', async () => {
    const { recorder, released, placeAttempt } = setUp();
    const provider = new FakeCallProvider();
    const answers: (boolean | undefined)[] = [];
    jest.spyOn(provider, 'placeCall').mockImplementation(async (_call, _timeoutMs, maySend) => {
      answers.push(await maySend?.(), await maySend?.());
      return { kind: 'unknown', cause: 'network' };
    });
    await placeAttempt.execute(claimed(provider));
    expect(answers).toEqual([true, false]);
    expect({ recorded: recorder.results.length, released }).toEqual({ recorded: 1, released: [] });
  });

  it('sends nothing, and puts the call back, when the process was held up for longer than a placement may take', async () => {
    const provider = new CountingProvider();
    const { recorder, released, placeAttempt } = setUp();
    await placeAttempt.execute(claimed(provider, { preparedAtMs: Date.now() - 31_000 }));
    expect(provider.placed).toBe(0);
    expect({ recorded: recorder.results, released }).toEqual({ recorded: [], released: ['attempt'] });
  });
});
