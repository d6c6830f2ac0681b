import type { Progress } from './progress';

/** Shows how a run goes. */
export interface Display {
  show(progress: Progress): void;
  /** Nothing more follows. May be called twice. */
  finish(): void;
}
