import { Logger } from '@nestjs/common';
import { FakeCallProvider } from '../../../../test/support/fakes/fake-call-provider';
import { InMemoryProviderPool } from '../../../../test/support/fakes/in-memory-provider-pool';
import { DomainError } from '../../../shared/kernel/domain-error';
import type { CallProvider, PlaceResult } from '../../providers/public/call-provider.port';
import type { DispatchSettings } from './dispatch-settings';
import { PlaceAttempt } from './place-attempt';
import type { PreparedAttempt } from './prepare-attempts';
import type { RecordPlacement } from './record-placement';

const SETTINGS = { placeTimeoutMs: 30_000 } as DispatchSettings;

/** Keeps what is recorded; refuses the first `failures` tries, as a database that is away would. */
class Recorder {
  readonly results: PlaceResult[] = [];
  constructor(public failures = 0) {}

  async execute(_: PreparedAttempt, result: PlaceResult): Promise<void> {
    if (this.failures-- > 0) throw new Error('the database is away');
    this.results.push(result);
  }
}

class CountingProvider extends FakeCallProvider {
  placed = 0;
  override async placeCall(): Promise<PlaceResult> {
    this.placed += 1;
    return super.placeCall();
  }
}

const prepared = (change: Partial<PreparedAttempt> = {}): PreparedAttempt => ({
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
  ...change,
});

const setUp = (connect: () => Promise<CallProvider>, recorder = new Recorder()) => {
  const pool = new InMemoryProviderPool();
  jest.spyOn(pool, 'connect').mockImplementation(connect);
  return { recorder, placeAttempt: new PlaceAttempt(pool, recorder as unknown as RecordPlacement, SETTINGS) };
};

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe('PlaceAttempt', () => {
  it('sends once and records the answer', async () => {
    const provider = new CountingProvider();
    const { recorder, placeAttempt } = setUp(async () => provider);
    await placeAttempt.execute(prepared());
    expect(recorder.results).toEqual([{ kind: 'accepted', providerCallId: 'fake-call' }]);
    expect(provider.placed).toBe(1);
  });

  it('records the answer again until the database takes it, without sending again', async () => {
    const provider = new CountingProvider();
    const { recorder, placeAttempt } = setUp(async () => provider, new Recorder(2));
    await placeAttempt.execute(prepared());
    expect(recorder.results).toHaveLength(1);
    expect(provider.placed).toBe(1);
  });

  it('counts the placement as unknown when the driver throws', async () => {
    const provider = new FakeCallProvider();
    jest.spyOn(provider, 'placeCall').mockRejectedValue(new Error('a bug in the driver'));
    const { recorder, placeAttempt } = setUp(async () => provider);
    await placeAttempt.execute(prepared());
    expect(recorder.results).toEqual([{ kind: 'unknown', cause: 'bad_answer' }]);
  });

  it('sends nothing when the process was held up for longer than a placement may take', async () => {
    const provider = new CountingProvider();
    const { recorder, placeAttempt } = setUp(async () => provider);
    await placeAttempt.execute(prepared({ preparedAtMs: Date.now() - 31_000 }));
    expect(provider.placed).toBe(0);
    expect(recorder.results).toMatchObject([{ kind: 'refused', refusal: 'unreachable' }]);
  });

  it('takes credentials that cannot be read for a refusal of the account', async () => {
    const unreadable = new DomainError('providers.credentials_unreadable', 'conflict', 'Key k2 is not in the ring.');
    const { recorder, placeAttempt } = setUp(() => Promise.reject(unreadable));
    await placeAttempt.execute(prepared());
    expect(recorder.results).toEqual([{ kind: 'refused', refusal: 'account', detail: 'Key k2 is not in the ring.' }]);
  });

  it('leaves the attempt to the resolver when the provider cannot be read', async () => {
    const { recorder, placeAttempt } = setUp(() => Promise.reject(new Error('the database is away')));
    await placeAttempt.execute(prepared());
    expect(recorder.results).toEqual([]);
  });
});
