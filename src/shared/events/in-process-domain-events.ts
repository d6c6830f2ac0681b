import { Injectable } from '@nestjs/common';
import { DomainEvents, type EventType } from '../kernel/domain-events.port';

type Handler = (events: readonly object[]) => Promise<void>;

/** Calls the subscribers one after the other, in the transaction that the publisher has open. */
@Injectable()
export class InProcessDomainEvents extends DomainEvents {
  private readonly handlers = new Map<unknown, Handler[]>();

  subscribe<E extends object>(type: EventType<E>, handle: (events: readonly E[]) => Promise<void>): void {
    const handlers = this.handlers.get(type) ?? [];
    this.handlers.set(type, [...handlers, handle as Handler]);
  }

  async publish(...events: readonly object[]): Promise<void> {
    for (const type of new Set(events.map((event) => event.constructor))) {
      const ofType = events.filter((event) => event.constructor === type);
      for (const handle of this.handlers.get(type) ?? []) await handle(ofType);
    }
  }
}
