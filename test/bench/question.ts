import type { BenchServer } from './bench-server';

/** How a run of the bench is to be done. */
export interface BenchForm {
  /** Shared by all questions: each takes databases of its own, and drops them. */
  readonly server: BenchServer;
  readonly iterations: number;
  /** So small that every question together takes about a minute: shows that the bench works, measures nothing well. */
  readonly isQuick: boolean;
  readonly seed: number;
  readonly say: (progress: string) => void;
}

export type Unit = 'ms' | 'calls/s' | 'rows/s' | 'requests/s' | 'MB' | 's';

/** One thing that was measured, once per iteration. */
export interface Measurement {
  readonly what: string;
  readonly unit: Unit;
  readonly values: readonly number[];
}

export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** Two measurements of one iteration divided. A ratio without a goal is shown for information. */
export interface Ratio {
  readonly what: string;
  readonly values: readonly number[];
  /** What the product promises: of the median. */
  readonly goal?: Goal;
}

export interface Answer {
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly Ratio[];
  readonly remarks?: readonly string[];
}

export interface Question {
  /** As in `--only`. */
  readonly name: string;
  readonly asks: string;
  answer(form: BenchForm): Promise<Answer>;
}
