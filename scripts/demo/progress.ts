import type { Call } from './api-types';
import type { Person } from './people';

/** A call in a provider's slot. */
export interface Talk extends Person {
  readonly callId: string;
  /** Since it was first seen there, on this machine's clock. */
  readonly elapsedMs: number;
}

/** How a run stands at one moment. */
export interface Progress {
  readonly total: number;
  readonly queued: number;
  readonly done: number;
  /** One place per slot of the provider; a call keeps its place. */
  readonly slots: readonly (Talk | undefined)[];
  /** What has begun or ended since the last look, in words. */
  readonly news: readonly News[];
}

export interface News {
  readonly person: Person;
  readonly status: Call['status'];
  /** The status, and why a call failed: that nobody answered is an outcome like others. */
  readonly text: string;
}

type Followed = Person & { readonly id: string };
interface Seen {
  readonly callId: string;
  readonly sinceMs: number;
}

/** Turns what the API shows at one moment after the other into progress. */
export class ProgressTracker {
  private readonly statuses = new Map<string, Call['status']>();
  private readonly places: (Seen | undefined)[];

  constructor(
    private readonly followed: readonly Followed[],
    slots: number,
  ) {
    this.places = Array.from({ length: slots });
  }

  /** @param nowMs on a clock that never goes back */
  look(calls: readonly Call[], nowMs: number): Progress {
    const byId = new Map(calls.map((call) => [call.id, call]));
    const news = this.followed.flatMap((person) => this.noteNews(person, byId.get(person.id)));
    this.assignPlaces(nowMs);
    const count = (...wanted: readonly Call['status'][]): number =>
      this.followed.filter(({ id }) => wanted.includes(this.statusOf(id))).length;
    return {
      total: this.followed.length,
      queued: count('queued'),
      done: count('completed', 'failed', 'canceled'),
      slots: this.places.map((seen) => seen && this.toTalk(seen, nowMs)),
      news,
    };
  }

  private statusOf(id: string): Call['status'] {
    return this.statuses.get(id) ?? 'queued';
  }

  private noteNews(person: Followed, call: Call | undefined): readonly News[] {
    if (!call || call.status === this.statusOf(person.id)) return [];
    const { status, failure } = call;
    this.statuses.set(person.id, status);
    return [{ person, status, text: failure ? `${status}: ${failure.code.replaceAll('_', ' ')}` : status }];
  }

  private assignPlaces(nowMs: number): void {
    const active = this.followed.filter(({ id }) => this.statusOf(id) === 'in-progress').map(({ id }) => id);
    for (const [index, seen] of this.places.entries()) {
      if (seen && !active.includes(seen.callId)) this.places[index] = undefined;
    }
    const placed = this.places.map((seen) => seen?.callId);
    for (const callId of active.filter((id) => !placed.includes(id))) {
      const free = this.places.findIndex((seen) => seen === undefined);
      this.places[free === -1 ? this.places.length : free] = { callId, sinceMs: nowMs };
    }
  }

  private toTalk({ callId, sinceMs }: Seen, nowMs: number): Talk {
    const person = this.followed.find(({ id }) => id === callId) ?? { name: '', number: '' };
    return { name: person.name, number: person.number, callId, elapsedMs: nowMs - sinceMs };
  }
}
