import { Injectable } from '@nestjs/common';
import { DomainEvents, type EventType } from '../kernel/domain-events.port';

type Handler = (event: object) => Promise<void>;

/** Calls the subscribers one after the other, in the transaction that the publisher has open. */
@Injectable()
export class InProcessDomainEvents extends DomainEvents {
  private readonly handlers = new Map<unknown, Handler[]>();

  subscribe<E extends object>(type: EventType<E>, handle: (event: E) => Promise<void>): void {
    const handlers = this.handlers.get(type) ?? [];
    this.handlers.set(type, [...handlers, handle as Handler]);
  }

  async publish(event: object): Promise<void> {
    for (const handle of this.handlers.get(event.constructor) ?? []) await handle(event);
  }
}
