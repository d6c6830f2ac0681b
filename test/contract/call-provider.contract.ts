import { randomUUID } from 'node:crypto';
import type {
  CallProvider,
  CallReport,
  MaySend,
  PlaceCall,
  PlacedCall,
  PlaceResult,
  Refusal,
} from '../../src/modules/providers/public/call-provider.port';
import { makeSecret } from '../support/run-record';
import { breachesOfMaySend } from './may-send';
import { WebhookReceiver, type ReceivedWebhook } from './webhook-receiver';

/** What may go wrong with one placement at a vendor. */
export type Mishap =
  | 'over-limit'
  | 'rate-limit'
  | 'account'
  | 'line'
  | 'agent'
  | 'destination'
  | 'other-refusal'
  | 'redirect'
  | 'error-before'
  | 'error-after'
  | 'cut-before'
  | 'lost-answer'
  | 'hang-before'
  | 'hang-after'
  | 'no-id'
  | 'empty-answer';

export interface AccountOverrides {
  readonly apiKey?: string;
  readonly webhookSecret?: string;
  readonly baseUrl?: string;
}

/** A vendor's stand-in, and drivers connected to it. */
export interface VendorSetting {
  /** With the right key and secret unless overridden. */
  connect(overrides?: AccountOverrides): CallProvider;
  /** A number, an assistant and a recipient that the vendor knows. */
  readonly parties: Pick<PlaceCall, 'to' | 'from' | 'assistantExternalId'>;
  /** Everything that must never show up in a text. */
  readonly secrets: readonly string[];
  nextPlacement(mishap: Mishap): void;
  nextRead(mishap: 'error' | 'cut'): void;
  /** How the next call goes: to its end, unanswered, or staying connected until it is hung up. */
  nextCall(course: 'completed' | 'no_answer' | 'stays'): void;
  /** POSTs that arrived so far. */
  posts(): number;
  /** Dials made for the attempt. */
  dialsOf(attemptId: string): number;
  /** An id in the vendor's form that no call has. */
  readonly unknownCallId: string;
  /** Has a call of somebody else created, whose metadata are as given; undefined: none. */
  placeForeign(metadata: unknown): Promise<void>;
  stop(): Promise<void>;
}

const CLOSED_PORT = 'http://127.0.0.1:9';
const TIMEOUT_MS = 5_000;
const SHORT_MS = 400;

const REFUSALS: readonly (readonly [Mishap, Refusal])[] = [
  ['over-limit', 'concurrency'],
  ['rate-limit', 'rate_limit'],
  ['account', 'account'],
  ['line', 'line'],
  ['agent', 'agent'],
  ['destination', 'destination'],
  ['other-refusal', 'request'],
  ['redirect', 'account'],
];

const AMBIGUOUS: readonly (readonly [Mishap, string, 0 | 1])[] = [
  ['error-before', 'server_error', 0],
  ['error-after', 'server_error', 1],
  ['cut-before', 'network', 0],
  ['lost-answer', 'network', 1],
  ['hang-before', 'timeout', 0],
  ['hang-after', 'timeout', 1],
  ['no-id', 'bad_answer', 1],
  ['empty-answer', 'bad_answer', 1],
];

/** What every driver promises, proven against a stand-in of its vendor over real HTTP. */
export function describeCallProvider(name: string, make: () => Promise<VendorSetting>): void {
  describe(`CallProvider: ${name}`, () => {
    let vendor: VendorSetting;
    let provider: CallProvider;
    let receiver: WebhookReceiver;

    jest.setTimeout(30_000);

    beforeEach(async () => {
      vendor = await make();
      provider = vendor.connect();
      receiver = await WebhookReceiver.start();
    });

    afterEach(async () => {
      await vendor.stop();
      await receiver.stop();
    });

    const newCall = (): PlaceCall => ({
      ...vendor.parties,
      attemptId: randomUUID(),
      callId: randomUUID(),
      providerId: randomUUID(),
      variables: { customerName: 'Ada', visits: 3, isNew: false },
      maxDurationSeconds: 120,
      webhookUrl: receiver.url,
    });
    const around = (call: PlaceCall) => ({
      attemptId: call.attemptId,
      to: call.to,
      fromExternalId: call.from.externalId,
      since: new Date(Date.now() - 60_000),
      until: new Date(Date.now() + 60_000),
    });
    const idOf = (result: PlaceResult): string => {
      if (result.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
      return result.providerCallId;
    };
    const place = async (call = newCall()): Promise<string> => idOf(await provider.placeCall(call, TIMEOUT_MS));

    describe('placing', () => {
      it('has a call accepted with one POST that dials once', async () => {
        const call = newCall();
        await place(call);
        expect(vendor.posts()).toBe(1);
        expect(vendor.dialsOf(call.attemptId)).toBe(1);
      });

      it.each(REFUSALS)('knows the refusal %s as %s, after one POST', async (mishap, refusal) => {
        vendor.nextPlacement(mishap);
        const call = newCall();
        const result = await provider.placeCall(call, TIMEOUT_MS);
        expect(result).toMatchObject({ kind: 'refused', refusal, detail: expect.stringMatching(/^[^\n]{1,300}$/) });
        for (const secret of vendor.secrets) expect(JSON.stringify(result)).not.toContain(secret);
        expect(vendor.posts()).toBe(1);
        expect(vendor.dialsOf(call.attemptId)).toBe(0);
      });

      it('asks once whether it may send, and sends nothing unless it may', async () => {
        const asked: string[] = [];
        const answer = (word: string, maySend: () => Promise<boolean>) => () => {
          asked.push(word);
          return maySend();
        };
        const [called, calledOff, untold] = [newCall(), newCall(), newCall()];
        await provider.placeCall(
          calledOff,
          TIMEOUT_MS,
          answer('no', async () => false),
        );
        await provider.placeCall(
          untold,
          TIMEOUT_MS,
          answer('nobody knows', () => Promise.reject(new Error('the database is away'))),
        );
        expect(vendor.posts()).toBe(0);
        const result = await provider.placeCall(
          called,
          TIMEOUT_MS,
          answer('yes', async () => true),
        );
        expect(result.kind).toBe('accepted');
        expect(asked).toEqual(['no', 'nobody knows', 'yes']);
        expect(vendor.posts()).toBe(1);
      });

      it('keeps to what it is told, whether that comes in time or late', async () => {
        const place = (timeoutMs: number, maySend: MaySend) => provider.placeCall(newCall(), timeoutMs, maySend);
        expect(await breachesOfMaySend({ place, posts: () => vendor.posts() })).toEqual([]);
      });

      it.each([...REFUSALS.map(([mishap]) => mishap), ...AMBIGUOUS.map(([mishap]) => mishap)])(
        'asks no second time after %s',
        async (mishap) => {
          vendor.nextPlacement(mishap);
          const leftWhenAsked: number[] = [];
          await provider.placeCall(newCall(), mishap.startsWith('hang') ? SHORT_MS : TIMEOUT_MS, async () => {
            leftWhenAsked.push(vendor.posts());
            return true;
          });
          expect(leftWhenAsked).toEqual([0]);
          expect(vendor.posts()).toBe(1);
        },
      );

      it('does not ask where there is nobody to send to', async () => {
        let asked = 0;
        await vendor.connect({ baseUrl: CLOSED_PORT }).placeCall(newCall(), TIMEOUT_MS, async () => {
          asked += 1;
          return true;
        });
        expect(asked).toBe(0);
      });

      it('takes a wrong key for a refusal of the account and keeps the key to itself', async () => {
        const apiKey = makeSecret('wrong-key');
        const result = await vendor.connect({ apiKey }).placeCall(newCall(), TIMEOUT_MS);
        expect(result).toMatchObject({ kind: 'refused', refusal: 'account' });
        expect(JSON.stringify(result)).not.toContain(apiKey);
        expect(vendor.posts()).toBe(1);
      });

      it('says unreachable when nobody listens: nothing was sent', async () => {
        const result = await vendor.connect({ baseUrl: CLOSED_PORT }).placeCall(newCall(), TIMEOUT_MS);
        expect(result).toMatchObject({ kind: 'refused', refusal: 'unreachable' });
        expect(vendor.posts()).toBe(0);
      });

      it.each(AMBIGUOUS)(
        'does not know after %s (%s), sends no second POST, and finds what was placed',
        async (...row) => {
          const [mishap, cause, placed] = row;
          vendor.nextPlacement(mishap);
          const call = newCall();
          const timeoutMs = mishap.startsWith('hang') ? SHORT_MS : TIMEOUT_MS;
          expect(await provider.placeCall(call, timeoutMs)).toEqual({ kind: 'unknown', cause });
          expect(vendor.posts()).toBe(1);
          expect(vendor.dialsOf(call.attemptId)).toBe(placed);
          const lookup = await provider.findPlaced(around(call));
          expect(lookup.kind).toBe(placed === 1 ? 'found' : 'not-found');
          if (lookup.kind === 'found') expect(lookup.report.attemptId).toBe(call.attemptId);
        },
      );
    });

    describe('looking up', () => {
      it('reads a call with the attempt it belongs to', async () => {
        vendor.nextCall('stays');
        const call = newCall();
        const providerCallId = await place(call);
        const lookup = await provider.getCall(providerCallId);
        expect(lookup).toMatchObject({ kind: 'found', report: { providerCallId, attemptId: call.attemptId } });
      });

      it('says when the vendor knows no such call', async () => {
        expect(await provider.getCall(vendor.unknownCallId)).toEqual({ kind: 'not-found' });
      });

      it.each(['error', 'cut'] as const)('says that it cannot say when the read ends in %s', async (mishap) => {
        const call = newCall();
        const providerCallId = await place(call);
        vendor.nextRead(mishap);
        expect(await provider.getCall(providerCallId)).toMatchObject({ kind: 'unavailable' });
        vendor.nextRead(mishap);
        expect(await provider.findPlaced(around(call))).toMatchObject({ kind: 'unavailable' });
      });

      it("does not take another attempt's call for the one it looks for", async () => {
        await place();
        expect(await provider.findPlaced(around(newCall()))).toEqual({ kind: 'not-found' });
      });
    });

    describe('listing what was placed', () => {
      const listAll = async (since: Date, driver = provider): Promise<PlacedCall[]> => {
        const found: PlacedCall[] = [];
        for (let page: string | undefined; ;) {
          const read = await driver.listPlaced(since, page);
          if (read.kind !== 'page') throw new Error(read.detail);
          found.push(...read.calls);
          if (read.next === null) return found;
          page = read.next;
        }
      };
      const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);

      it('tells each call with its ids, its parties, its time and how it stands', async () => {
        vendor.nextCall('stays');
        const call = newCall();
        const providerCallId = await place(call);
        const { attemptId, callId } = call;
        const [listed, ...others] = await listAll(ago(60_000));
        expect(others).toEqual([]);
        expect(listed).toMatchObject({
          attemptId,
          providerId: call.providerId,
          to: call.to,
          fromExternalId: call.from.externalId,
          assistantExternalId: call.assistantExternalId,
          report: { providerCallId, attemptId, callId },
        });
        expect(Math.abs(listed!.createdAt!.getTime() - Date.now())).toBeLessThan(60_000);
        expect(listed!.report.progress).not.toBe('ended');
        await provider.endCall(providerCallId);
        expect((await listAll(ago(60_000)))[0]?.report).toMatchObject({ progress: 'ended', outcome: 'canceled' });
      });

      it('tells the same of one call that is asked for', async () => {
        vendor.nextCall('stays');
        const providerCallId = await place();
        const [listed] = await listAll(ago(60_000));
        const { attemptId, providerId, to, fromExternalId, assistantExternalId } = listed!;
        const parties = { attemptId, providerId, to, fromExternalId, assistantExternalId };
        expect(await provider.readPlaced(providerCallId)).toMatchObject({ kind: 'found', call: parties });
        expect(await provider.readPlaced(vendor.unknownCallId)).toEqual({ kind: 'not-found' });
        vendor.nextRead('error');
        expect(await provider.readPlaced(providerCallId)).toMatchObject({ kind: 'unavailable' });
      });

      it('leaves out what was placed before the moment', async () => {
        await place();
        expect(await listAll(new Date(Date.now() + 60_000))).toEqual([]);
      });

      it('goes through several pages, past calls of any other origin', async () => {
        const placed: string[] = [];
        const garbage = [
          undefined,
          {},
          { attemptId: 'order 7', placedAt: Date.now() },
          { attemptId: 7, placedAt: 'x' },
        ];
        for (let index = 0; index < 205; index += 1) {
          vendor.nextCall('no_answer');
          if (index % 5 === 0) await vendor.placeForeign(garbage[(index / 5) % garbage.length]);
          else placed.push(await place());
        }
        const first = await provider.listPlaced(ago(60_000));
        expect(first).toMatchObject({ kind: 'page', next: expect.any(String) });
        const listed = new Set((await listAll(ago(60_000))).map(({ report }) => report.providerCallId));
        expect([...listed].sort()).toEqual([...placed].sort());
      });

      it.each(['error', 'cut'] as const)('says that it cannot say when the read ends in %s', async (mishap) => {
        vendor.nextRead(mishap);
        expect(await provider.listPlaced(ago(60_000))).toMatchObject({ kind: 'unavailable' });
        const stranger = vendor.connect({ apiKey: 'wrong' });
        expect(await stranger.listPlaced(ago(60_000))).toMatchObject({ kind: 'unavailable' });
      });
    });

    describe('hanging up', () => {
      it('ends a live call, which then is canceled', async () => {
        vendor.nextCall('stays');
        const providerCallId = await place();
        expect(await provider.endCall(providerCallId)).toBe('done');
        const lookup = await provider.getCall(providerCallId);
        expect(lookup).toMatchObject({ kind: 'found', report: { progress: 'ended', outcome: 'canceled' } });
        expect(await provider.endCall(providerCallId)).toBe('not-live');
      });

      it('says when there is no such call, and when it cannot say', async () => {
        expect(await provider.endCall(vendor.unknownCallId)).toBe('not-live');
        vendor.nextRead('error');
        expect(await provider.endCall(await place())).toBe('unavailable');
      });
    });

    describe('webhooks', () => {
      const reportsOf = (webhooks: readonly ReceivedWebhook[]): readonly CallReport[] =>
        webhooks.flatMap((webhook) => provider.parseWebhook(webhook.body));
      const courseOf = async (course: 'completed' | 'no_answer'): Promise<readonly CallReport[]> => {
        vendor.nextCall(course);
        const call = newCall();
        const providerCallId = await place(call);
        // The last word on a call carries its cost.
        await receiver.waitFor((received) => reportsOf(received).some((report) => report.costMicros !== undefined));
        const reports = reportsOf(receiver.received);
        const { attemptId, callId } = call;
        expect(reports).toEqual(reports.map((report) => ({ ...report, providerCallId, attemptId, callId })));
        return reports;
      };

      it('tells the whole of an answered call', async () => {
        const reports = await courseOf('completed');
        expect(reports.map((report) => report.progress)).toEqual(expect.arrayContaining(['in-progress', 'ended']));
        const last = reports.at(-1);
        expect(last).toMatchObject({
          progress: 'ended',
          outcome: 'completed',
          currency: 'USD',
          transcript: expect.stringContaining('Ada'),
          startedAt: expect.any(Date),
          endedAt: expect.any(Date),
        });
        expect(last!.durationSeconds).toBeGreaterThan(0);
        expect(Number.isInteger(last!.durationSeconds)).toBe(true);
        expect(Number.isInteger(last!.costMicros)).toBe(true);
      });

      it('tells of an unanswered call that nobody was connected', async () => {
        const reports = await courseOf('no_answer');
        expect(reports.at(-1)).toMatchObject({ progress: 'ended', outcome: 'no_answer', durationSeconds: 0 });
        expect(reports.every((report) => report.startedAt === undefined)).toBe(true);
      });

      it('says the same when the call is read afterwards', async () => {
        const told = (await courseOf('completed')).at(-1)!;
        const lookup = await provider.getCall(told.providerCallId);
        const { progress, outcome, durationSeconds, costMicros, transcript } = told;
        expect(lookup).toMatchObject({
          kind: 'found',
          report: { progress, outcome, durationSeconds, costMicros, transcript },
        });
      });

      it('are authenticated by the right secret only', async () => {
        await courseOf('no_answer');
        const stranger = vendor.connect({ apiKey: 'someone-elses', webhookSecret: 'someone-elses' });
        for (const { headers, rawBody } of receiver.received) {
          expect(provider.authenticateWebhook(headers, rawBody)).toBe(true);
          expect(stranger.authenticateWebhook(headers, rawBody)).toBe(false);
          expect(provider.authenticateWebhook({ 'content-type': 'application/json' }, rawBody)).toBe(false);
        }
        expect.hasAssertions();
      });

      it('may carry fields and values that nobody has heard of', async () => {
        await courseOf('completed');
        for (const { body } of receiver.received) {
          expect(provider.parseWebhook(withSurprises(body))).toMatchObject(provider.parseWebhook(body));
        }
      });

      it.each([
        null,
        undefined,
        7,
        'text',
        [],
        {},
        { message: null },
        { message: { type: 'new-kind' } },
        { event: 'x' },
      ])('that make no sense tell nothing: %p', (body) => expect(provider.parseWebhook(body)).toEqual([]));
    });

    describe('the account', () => {
      it('has its key verified', async () => {
        expect(await provider.verifyKey()).toMatchObject({ ok: true });
        expect(await vendor.connect({ apiKey: 'wrong' }).verifyKey()).toMatchObject({ ok: false });
        expect(await vendor.connect({ baseUrl: CLOSED_PORT }).verifyKey()).toMatchObject({ ok: false });
      });

      it('lists its numbers in E.164, without secrets', async () => {
        const numbers = await provider.listPhoneNumbers();
        expect(numbers).toContainEqual({
          externalId: vendor.parties.from.externalId,
          fullNumber: vendor.parties.from.fullNumber,
          isUsable: true,
        });
        expect(numbers.every((number) => /^\+\d+$/.test(number.fullNumber))).toBe(true);
        for (const secret of vendor.secrets) expect(JSON.stringify(numbers)).not.toContain(secret);
      });

      it('lists its assistants', async () => {
        const externalId = vendor.parties.assistantExternalId;
        expect(await provider.listAssistants()).toContainEqual({ externalId, name: expect.any(String) });
      });

      it('says so when the lists cannot be read', async () => {
        const stranger = vendor.connect({ apiKey: 'wrong' });
        const unavailable = { code: 'providers.vendor_unavailable', kind: 'unavailable' };
        await expect(stranger.listPhoneNumbers()).rejects.toMatchObject(unavailable);
        await expect(stranger.listAssistants()).rejects.toMatchObject(unavailable);
      });
    });
  });
}

/** The same with a new field in every object. */
function withSurprises(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSurprises);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withSurprises(inner)]);
  return { ...Object.fromEntries(entries), brandNewField: { nested: [1, null, 'x'] } };
}
