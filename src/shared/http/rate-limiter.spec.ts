import { RateLimiter } from './rate-limiter';
import { RateLimited } from './request.errors';

let now: number;
let limiter: RateLimiter;

beforeEach(() => {
  now = 0;
  limiter = new RateLimiter({ perMinute: 20, ofBuckets: { costly: 3 } }, () => now);
});

const admitted = (times: number, count: () => void): number => {
  let passed = 0;
  for (let sent = 0; sent < times; sent += 1) {
    try {
      count();
      passed += 1;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
    }
  }
  return passed;
};

describe('RateLimiter', () => {
  it('admits so many requests per user', () => {
    expect(admitted(30, () => limiter.countUser('ada'))).toBe(20);
    expect(admitted(30, () => limiter.countUser('grace'))).toBe(20);
  });

  it('admits fewer per user to the routes of a bucket, whatever else the user asks for', () => {
    admitted(10, () => limiter.countUser('ada'));
    expect(admitted(30, () => limiter.countInBucket('costly', 'ada'))).toBe(3);
    expect(admitted(30, () => limiter.countInBucket('costly', 'grace'))).toBe(3);
    expect(admitted(30, () => limiter.countUser('ada'))).toBe(10);
    now = 60_000;
    expect(admitted(30, () => limiter.countInBucket('costly', 'ada'))).toBe(3);
  });

  it('refuses to count in a bucket that nobody has given a size', () => {
    expect(() => limiter.countInBucket('endless', 'ada')).toThrow('endless');
  });

  it('admits a tenth of it per address, and never fewer than one', () => {
    expect(admitted(30, () => limiter.countAddress('192.0.2.1'))).toBe(2);
    const strict = new RateLimiter({ perMinute: 5, ofBuckets: {} }, () => now);
    expect(admitted(30, () => strict.countAddress('192.0.2.1'))).toBe(1);
  });

  it('tells the seconds until the minute is over, and then admits again', () => {
    admitted(20, () => limiter.countUser('ada'));
    now = 45_000;
    expect(() => limiter.countUser('ada')).toThrow(expect.objectContaining({ retryAfterSeconds: 15 }));
    now = 60_000;
    expect(admitted(30, () => limiter.countUser('ada'))).toBe(20);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('takes %s and %s for one network: %s', (first, second, isOne) => {
    admitted(2, () => limiter.countAddress(first));
    expect(admitted(2, () => limiter.countAddress(second))).toBe(isOne ? 0 : 2);
  });

  it('forgets the oldest callers rather than growing without end', () => {
    admitted(1, () => limiter.countUser('first'));
    for (let caller = 0; caller < 50_000; caller += 1) limiter.countUser(String(caller));
    expect(admitted(30, () => limiter.countUser('first'))).toBe(20);
  });
});
