import { Global, Module } from '@nestjs/common';
import { DomainEvents } from '../kernel/domain-events.port';
import { InProcessDomainEvents } from './in-process-domain-events';

/** How the parts of the service tell each other what has happened. */
@Global()
@Module({
  providers: [{ provide: DomainEvents, useClass: InProcessDomainEvents }],
  exports: [DomainEvents],
})
export class EventsModule {}
