import type { MaySend, PlaceResult } from '../../src/modules/providers/public/call-provider.port';
import { FakeCallProvider } from '../support/fakes/fake-call-provider';
import { breachesOfMaySend, type Sender } from './may-send';

const ACCEPTED: PlaceResult = { kind: 'accepted', providerCallId: 'call' };
const REFUSED: PlaceResult = { kind: 'refused', refusal: 'unreachable', detail: 'called off' };
const CALL = {} as never;

describe('the question whether a request may leave', () => {
  it('is put by the fake as by every driver', async () => {
    const fake = new FakeCallProvider();
    const sender: Sender = {
      place: (timeoutMs, maySend) => fake.placeCall(CALL, timeoutMs, maySend),
      posts: () => fake.posts,
    };
    expect(await breachesOfMaySend(sender)).toEqual([]);
  });

  describe('finds out a driver that', () => {
    const breaches = (
      place: (send: () => PlaceResult, maySend: MaySend, timeoutMs: number) => Promise<PlaceResult>,
    ) => {
      let posts = 0;
      const send = () => {
        posts += 1;
        return ACCEPTED;
      };
      return breachesOfMaySend({ place: (timeoutMs, maySend) => place(send, maySend, timeoutMs), posts: () => posts });
    };
    const isGiven = (maySend: MaySend) => maySend().catch(() => false);
    const within = (timeoutMs: number, answer: Promise<boolean>) =>
      Promise.race([answer, new Promise<false>((resolve) => setTimeout(() => resolve(false), timeoutMs))]);

    it('sends without asking', async () => {
      const found = await breaches(async (send) => send());
      expect(found).toEqual(expect.arrayContaining(['given: asked 0 times', 'denied: a request has left']));
    });

    it('asks twice', async () => {
      const found = await breaches(async (send, maySend, timeoutMs) => {
        const isAllowed = [isGiven(maySend), isGiven(maySend)].map((one) => within(timeoutMs, one));
        return (await Promise.all(isAllowed)).includes(true) ? send() : REFUSED;
      });
      expect(found).toEqual(['given', 'denied', 'untold', 'late'].map((word) => `${word}: asked 2 times`));
    });

    it('asks when the request has left', async () => {
      const found = await breaches(async (send, maySend, timeoutMs) => {
        const result = send();
        return (await within(timeoutMs, isGiven(maySend))) ? result : REFUSED;
      });
      expect(found).toEqual(
        expect.arrayContaining(['given: asked once the request had left', 'denied: a request has left']),
      );
    });

    it('sends once the permission comes, though it has given up', async () => {
      const found = await breaches(async (send, maySend, timeoutMs) => {
        const sent = isGiven(maySend).then((isAllowed) => (isAllowed ? send() : REFUSED));
        const gaveUp = new Promise<PlaceResult>((resolve) => setTimeout(() => resolve(REFUSED), timeoutMs));
        return Promise.race([sent, gaveUp]);
      });
      expect(found).toEqual(['late: a request has left']);
    });

    it('takes no answer for a yes', async () => {
      const found = await breaches(async (send, maySend, timeoutMs) =>
        (await within(
          timeoutMs,
          maySend().catch(() => true),
        ))
          ? send()
          : REFUSED,
      );
      expect(found).toEqual(expect.arrayContaining(['untold: a request has left']));
    });
  });
});
