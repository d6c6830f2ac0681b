import type { MaySend, PlaceResult } from '../../src/modules/providers/public/call-provider.port';

/** A driver at work, and what has left it. */
export interface Sender {
  place(timeoutMs: number, maySend: MaySend): Promise<PlaceResult>;
  /** Requests that have left so far. */
  posts(): number;
}

const TIMEOUT_MS = 5_000;
const SHORT_MS = 300;

/** What a driver promises about its question whether a request may leave, tried out. @returns what it breaks, in words */
export async function breachesOfMaySend(sender: Sender): Promise<string[]> {
  return [
    ...(await whenGiven(sender)),
    ...(await whenDenied(sender, 'denied', async () => false)),
    ...(await whenDenied(sender, 'untold', () => Promise.reject(new Error('the database is away')))),
    ...(await whenLate(sender)),
  ];
}

async function whenGiven(sender: Sender): Promise<string[]> {
  const before = sender.posts();
  const leftWhenAsked: number[] = [];
  const result = await sender.place(TIMEOUT_MS, async () => {
    leftWhenAsked.push(sender.posts() - before);
    return true;
  });
  const left = sender.posts() - before;
  const asked = leftWhenAsked.length;
  return [
    ...(result.kind === 'accepted' ? [] : [`given: the call is ${result.kind}`]),
    ...(asked === 1 ? [] : [`given: asked ${asked} times`]),
    ...(leftWhenAsked.every((count) => count === 0) ? [] : ['given: asked once the request had left']),
    ...(left === 1 ? [] : [`given: ${left} requests have left`]),
  ];
}

async function whenDenied(sender: Sender, word: string, answer: MaySend): Promise<string[]> {
  const before = sender.posts();
  let asked = 0;
  const { kind } = await sender.place(TIMEOUT_MS, () => {
    asked += 1;
    return answer();
  });
  return [
    ...(asked === 1 ? [] : [`${word}: asked ${asked} times`]),
    ...(kind === 'refused' ? [] : [`${word}: the call is ${kind}, not refused`]),
    ...(sender.posts() === before ? [] : [`${word}: a request has left`]),
  ];
}

/** The permission comes when the driver has given up already. Another call afterwards shows that nothing followed it. */
async function whenLate(sender: Sender): Promise<string[]> {
  const before = sender.posts();
  let asked = 0;
  let answer: (isGiven: boolean) => void = () => undefined;
  const answered = new Promise<boolean>((resolve) => (answer = resolve));
  const { kind } = await sender.place(SHORT_MS, () => {
    asked += 1;
    return answered;
  });
  answer(true);
  await sender.place(TIMEOUT_MS, async () => true);
  const left = sender.posts() - before - 1;
  return [
    ...(asked === 1 ? [] : [`late: asked ${asked} times`]),
    ...(kind === 'refused' ? [] : [`late: the call is ${kind}, not refused`]),
    ...(left === 0 ? [] : ['late: a request has left']),
  ];
}
