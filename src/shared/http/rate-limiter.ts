import { Injectable } from '@nestjs/common';
import { RateLimited } from './request.errors';

const WINDOW_MS = 60_000;
/** A caller without a valid token gets this part of what a user gets. */
const ADDRESS_SHARE = 0.1;
/** Callers remembered at once: a few megabytes at most, whoever knocks. */
const MAX_CALLERS = 50_000;

interface Window {
  count: number;
  readonly endsAt: number;
}

/** How many requests a minute may bring. */
export interface RateLimits {
  /** Per user; an address without a valid token gets a tenth of it. */
  readonly perMinute: number;
  /** Per user and bucket, in addition: for routes that cost more than others. By the bucket's name. */
  readonly ofBuckets: Readonly<Record<string, number>>;
}

/**
 * Counts the requests of each user, and of each address without a valid token, in windows of one minute. Each instance
 * counts for itself.
 */
@Injectable()
export class RateLimiter {
  private readonly windows = new Map<string, Window>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly limits: RateLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws RateLimited once the user's minute is used up */
  countUser(userId: string): void {
    this.count(`user ${userId}`, this.limits.perMinute);
  }

  /** @throws RateLimited once the user's minute in the bucket is used up */
  countInBucket(bucket: string, userId: string): void {
    const limit = this.limits.ofBuckets[bucket];
    if (limit === undefined) throw new Error(`There is no rate limit for ${bucket}`);
    this.count(`${bucket} ${userId}`, limit);
  }

  /** @throws RateLimited once the address's minute is used up */
  countAddress(address: string): void {
    this.count(`address ${networkOf(address)}`, Math.max(1, Math.floor(this.limits.perMinute * ADDRESS_SHARE)));
  }

  private count(key: string, limit: number): void {
    const now = this.now();
    const window = this.current(key, now);
    window.count += 1;
    if (window.count > limit) throw new RateLimited((window.endsAt - now) / 1000);
  }

  private current(key: string, now: number): Window {
    const known = this.windows.get(key);
    if (known && known.endsAt > now) return known;
    this.windows.delete(key);
    this.makeRoom(now);
    const fresh = { count: 0, endsAt: now + WINDOW_MS };
    this.windows.set(key, fresh);
    return fresh;
  }

  /** The map keeps the order of insertion, and every window lasts equally long: the first ones end first. */
  private makeRoom(now: number): void {
    for (const [key, window] of this.windows) {
      if (window.endsAt > now && this.windows.size < MAX_CALLERS) return;
      this.windows.delete(key);
    }
  }
}

/** One subscriber holds a whole /64 of IPv6 addresses, so those count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  if (tail === undefined) return groups.slice(0, 4).join(':');
  const tailGroups = tail.split(':').filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - tailGroups.length) }, () => '0');
  return [...groups, ...zeros, ...tailGroups].slice(0, 4).join(':');
}
