import { Injectable } from '@nestjs/common';

/** Tells this instance's processor that an event has come in. */
@Injectable()
export class PaymentEventSignal {
  private listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.listener = listener;
  }

  wake(): void {
    this.listener?.();
  }
}
