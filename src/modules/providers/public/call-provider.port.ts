import type { Outcome } from './outcome';

/** One call to place. The attempt's id travels in every field that the vendor gives back, the other two ids in one. */
export interface PlaceCall {
  readonly attemptId: string;
  /** Our call, of which this is an attempt. */
  readonly callId: string;
  /** Our provider, through which it goes out: two of them may be one account. */
  readonly providerId: string;
  /** E.164. */
  readonly to: string;
  readonly from: { readonly externalId: string; readonly fullNumber: string };
  readonly assistantExternalId: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  /** The vendor itself ends the call after this time. */
  readonly maxDurationSeconds: number;
  /** Where the vendor reports to. */
  readonly webhookUrl: string;
}

/**
 * Why a vendor certainly did not place a call.
 * `concurrency`: too many calls at once · `rate_limit`: too many requests · `unreachable`: no byte was sent ·
 * `account`: key, credit, plan · `line`: our phone number · `agent`: the assistant · `destination`: the recipient's
 * number · `request`: anything else about the request itself.
 */
export const REFUSALS = [
  'concurrency',
  'rate_limit',
  'unreachable',
  'account',
  'line',
  'agent',
  'destination',
  'request',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** `unknown` means that the call may exist: it must be neither repeated nor forgotten. */
export type PlaceResult =
  | { readonly kind: 'accepted'; readonly providerCallId: string }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** Short and free of secrets: it is stored and shown to administrators. */
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'unknown'; readonly cause: 'timeout' | 'network' | 'server_error' | 'bad_answer' };

/** How far a call has come. The order is fixed: a call only moves forward. */
export const CALL_PROGRESS = ['queued', 'ringing', 'in-progress', 'ended'] as const;
export type CallProgress = (typeof CALL_PROGRESS)[number];

/** What a vendor tells of one call, by webhook or when asked. Absent means: not told. */
export interface CallReport {
  readonly providerCallId: string;
  /** Our attempt's id where the vendor gave it back. */
  readonly attemptId?: string;
  /** Our call's id where the vendor gave it back. */
  readonly callId?: string;
  readonly progress: CallProgress;
  /** Only with `ended`. */
  readonly outcome?: Outcome;
  /** The vendor's own word for the end, for people who look into it. */
  readonly endedReason?: string;
  /** When the recipient's side was connected; absent when it never was or is not told. */
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** Connected time in seconds. Present as soon as it is certain, 0 when nobody was connected. */
  readonly durationSeconds?: number;
  /** Millionths of `currency`. */
  readonly costMicros?: number;
  readonly currency?: string;
  readonly transcript?: string;
  readonly summary?: string;
  readonly analysis?: Readonly<Record<string, unknown>>;
  readonly recordingUrl?: string;
}

/** Whether the vendor knows a call. `unavailable`: it could not say. */
export type CallLookup =
  | { readonly kind: 'found'; readonly report: CallReport }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** What to search for at the vendor: the attempt, and what narrows the search. */
export interface PlacedCallQuery {
  readonly attemptId: string;
  readonly to: string;
  readonly fromExternalId: string;
  readonly since: Date;
  readonly until: Date;
}

/** A call that the vendor has and that carries an attempt's id. */
export interface PlacedCall {
  readonly attemptId: string;
  /** Our provider that placed it, where the vendor gave that back. */
  readonly providerId?: string;
  /** Who was called, E.164; absent where that is not told. */
  readonly to?: string;
  /** The vendor's ids of the number that called and of the assistant that spoke, where they are told. */
  readonly fromExternalId?: string;
  readonly assistantExternalId?: string;
  readonly createdAt?: Date;
  /** As the list tells it. Lists may leave out what was said. */
  readonly report: CallReport;
}

/** Some of the calls that were placed through us. `next` leads to more of them; null: these were the last. */
export type PlacedCallsPage =
  | { readonly kind: 'page'; readonly calls: readonly PlacedCall[]; readonly next: string | null }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** One call as a list would tell it. `not-found`: there is none, or it carries no attempt's id. */
export type PlacedCallLookup =
  | { readonly kind: 'found'; readonly call: PlacedCall }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unavailable'; readonly detail: string };

export type HangUp = 'done' | 'not-live' | 'unavailable';

/** Headers in lower case. */
export type WebhookHeaders = Readonly<Record<string, string | undefined>>;

export interface VendorPhoneNumber {
  readonly externalId: string;
  /** E.164. */
  readonly fullNumber: string;
  readonly isUsable: boolean;
  /** The only countries that the vendor lets it call, ISO 3166-1 alpha-2; absent where it names none. */
  readonly destinations?: readonly string[];
}

export interface VendorAssistant {
  readonly externalId: string;
  readonly name: string;
}

export interface KeyCheck {
  readonly ok: boolean;
  readonly detail: string;
}

/** Whether a request may leave now. */
export type MaySend = () => Promise<boolean>;

/** One account at a voice vendor. A driver never throws for anything that the vendor answers. */
export abstract class CallProvider {
  /**
   * Asks the vendor to dial: exactly one POST, never repeated. Waits at most `timeoutMs`.
   * An answer that does not prove either way is `unknown`.
   * @param maySend asked once, when the connection stands and right before the first byte leaves. Unless it says true,
   * nothing is sent.
   */
  abstract placeCall(call: PlaceCall, timeoutMs: number, maySend?: MaySend): Promise<PlaceResult>;

  /** Reads one call by the vendor's id. */
  abstract getCall(providerCallId: string): Promise<CallLookup>;

  /** Looks for the call that an attempt may have placed. `not-found` proves nothing: it may not be visible yet. */
  abstract findPlaced(query: PlacedCallQuery): Promise<CallLookup>;

  /**
   * Reads the calls that were placed through us since a moment, page by page: one request each. Calls of any other origin
   * are left out. `page` is the `next` of the page before. A call may come on two pages, and one that was created within
   * the last seconds may not be visible yet.
   */
  abstract listPlaced(since: Date, page?: string): Promise<PlacedCallsPage>;

  /** Reads one call that was placed through us by the vendor's id, and tells who was called by whom. */
  abstract readPlaced(providerCallId: string): Promise<PlacedCallLookup>;

  /** Asks the vendor to end a live call. */
  abstract endCall(providerCallId: string): Promise<HangUp>;

  /** Whether a webhook comes from this account's vendor. Compares in constant time. */
  abstract authenticateWebhook(headers: WebhookHeaders, rawBody: Uint8Array): boolean;

  /** Translates a webhook's body. Empty for messages that tell nothing about a call; never throws. */
  abstract parseWebhook(body: unknown): readonly CallReport[];

  /** Whether the vendor takes the account's key. */
  abstract verifyKey(): Promise<KeyCheck>;

  /** The account's phone numbers, vendor secrets left out. @throws DomainError `providers.vendor_unavailable` */
  abstract listPhoneNumbers(): Promise<readonly VendorPhoneNumber[]>;

  /** The account's assistants. @throws DomainError `providers.vendor_unavailable` */
  abstract listAssistants(): Promise<readonly VendorAssistant[]>;
}
