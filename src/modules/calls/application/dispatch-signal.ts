import { Injectable } from '@nestjs/common';

/** Tells this instance's dispatcher that there may be something to claim: a call was queued, a slot is free. */
@Injectable()
export class DispatchSignal {
  private listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.listener = listener;
  }

  wake(): void {
    this.listener?.();
  }
}
