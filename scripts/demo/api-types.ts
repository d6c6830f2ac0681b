/** The parts of the API's answers that the demo reads, written down as a client would from `openapi.json`. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string | null;
  readonly isActive: boolean;
}

export interface Assistant {
  readonly id: string;
  readonly providerId: string;
  readonly name: string;
  readonly isActive: boolean;
}

export interface Plan {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly interval: string;
  readonly price: number;
  readonly currency: string;
  readonly callLimit: number | null;
  readonly minutesLimit: number | null;
}

export interface Subscription {
  readonly plan: Plan;
  readonly status: string;
  readonly cancelAtPeriodEnd: boolean;
}

/** What choosing a plan leads to: a page to pay on, or the subscription. */
export type Choice = { readonly checkoutUrl: string } | Subscription;

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string | null;
  readonly assistantId: string | null;
}

export interface Batch {
  readonly accepted: readonly { readonly index: number; readonly id: string }[];
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly detail: string }[];
}

export interface Call {
  readonly id: string;
  readonly status: 'queued' | 'in-progress' | 'completed' | 'failed' | 'canceled';
  readonly recipientNumber: string;
  readonly customVariables: Readonly<Record<string, unknown>>;
  readonly failure: { readonly code: string; readonly detail: string } | null;
}

export interface CallRecord {
  readonly id: string;
  readonly callQueueId: string;
  readonly outcome: string | null;
  readonly transcript: string | null;
  readonly durationSeconds: number | null;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

export interface Queue {
  readonly paused: boolean;
  readonly due: number;
  readonly inProgress: number;
  readonly providers: readonly { readonly id: string; readonly concurrencyLimit: number; readonly inUse: number }[];
}

export interface Usage {
  readonly periodStart: string;
  readonly callsUsed: number;
  readonly callsReserved: number;
  readonly callsLimit: number | null;
  readonly callsRemaining: number | null;
  readonly minutesUsed: number;
  readonly minutesReserved: number;
  readonly minutesLimit: number | null;
  readonly minutesRemaining: number | null;
}

export interface UsageEntry {
  readonly kind: 'reserve' | 'settle' | 'release' | 'adjust';
  readonly callQueueId: string;
  readonly attemptId: string;
  readonly calls: number;
  readonly minutes: number;
  readonly createdAt: string;
}

/** What Vapi's stand-in tells about itself at `GET /sandbox/state`. */
export interface StandInState {
  readonly maxLiveCalls: number;
  readonly dialsByNumber: Readonly<Record<string, number>>;
}
