import type { CallProvider, PlaceResult, Refusal } from './call-provider.port';

/** Why a provider takes no calls just now: an administrator has paused it (`suspended`), or its health asks for it. */
export type ProviderHold = 'suspended' | 'paused' | 'breaker-open';

/** A number to call from. */
export interface ProviderLine {
  readonly id: string;
  /** The vendor's id. */
  readonly externalId: string;
  /** E.164. */
  readonly fullNumber: string;
  /** The calling code: 1, 49. */
  readonly countryCode: string;
  readonly areaCode: string | null;
  /** The countries that it may call, ISO 3166-1 alpha-2; null = all. */
  readonly destinations: readonly string[] | null;
}

/** A provider as the dispatcher sees it while it holds the provider's lock. */
export interface LockedProvider {
  readonly id: string;
  /** 1 is asked first. */
  readonly priority: number;
  /** How many attempts may be open at once just now: less than the account's own limit after concurrency refusals. */
  readonly limit: number;
  /** Absent when the provider may be used. */
  readonly hold?: ProviderHold;
  /** Present when the provider was broken: at most one new attempt may be opened, whatever is free; it is the probe. */
  readonly probe?: true;
  /** Active, fit for calls and not quarantined, the one unused longest first. */
  readonly phoneNumbers: readonly ProviderLine[];
  /** Active assistants: our id → the vendor's id. */
  readonly assistants: ReadonlyMap<string, string>;
  /** As stored, the credentials encrypted. */
  readonly account: {
    readonly name: string;
    readonly driver: string;
    /** Null = the vendor's own address. */
    readonly baseUrl: string | null;
    readonly encryptedCredentials: string;
  };
}

/** A result of a placement, as far as it says something about the provider or the number. */
export interface PlacementReport {
  readonly providerId: string;
  readonly phoneNumberId: string;
  /** Attempts that are open at the provider, this one among them. Told with concurrency refusals, which lower the limit. */
  readonly inUse?: number;
  readonly result:
    | Exclude<PlaceResult, { kind: 'refused' }>
    | { readonly kind: 'refused'; readonly refusal: Refusal; readonly detail: string; readonly retryAfterMs?: number };
}

/** The providers, their numbers and their health, for the module that dispatches calls. */
export abstract class ProviderPool {
  /**
   * Locks every active provider, in the order of ids, for the surrounding unit of work, and tells their state as of
   * after the lock. Counting open attempts in a later statement of the same unit of work is therefore exact, and a
   * statement is a later one as soon as it is asked for later, even if nobody has waited for this one.
   */
  abstract lockActive(): Promise<readonly LockedProvider[]>;

  /** What `lockActive` would tell, without any lock: good to look at, not to count on. */
  abstract look(): Promise<readonly LockedProvider[]>;

  /**
   * Notes that calls go out from these numbers: the next choice falls on others, and a provider that awaited a probe
   * has it under way, so that nobody sends another one. Runs in the unit of work that locked the providers.
   */
  abstract markNumbersUsed(phoneNumberIds: readonly string[]): Promise<void>;

  /**
   * Takes a placement's result into account: cools, pauses, quarantines or counts, as the refusal's class asks.
   * Runs first in its unit of work: it may lock the provider, and providers are locked before calls.
   */
  abstract reportPlacement(report: PlacementReport): Promise<void>;

  /**
   * The account's driver, its credentials decrypted; the provider may be inactive.
   * @throws DomainError `providers.not_found`, `providers.credentials_unreadable`
   */
  abstract connect(providerId: string): Promise<CallProvider>;

  /**
   * The same for a provider that has just been read, which is not read again.
   * @throws DomainError `providers.credentials_unreadable`
   */
  abstract connectLocked(provider: LockedProvider): Promise<CallProvider>;

  /** Where the provider's vendor sends its webhooks. */
  abstract webhookUrl(providerId: string): string;

  /** Whether a call may be pinned to the provider: it exists and is active. */
  abstract isActive(providerId: string): Promise<boolean>;

  /** The provider of each known assistant id. */
  abstract providersOfAssistants(assistantIds: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /** Every provider for the administrator's queue view, in the order they are asked. */
  abstract overview(): Promise<readonly ProviderOverview[]>;
}

export interface ProviderOverview {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly concurrencyLimit: number;
  readonly health: 'closed' | 'open' | 'half-open';
  /** When the pause under way ends, made by hand or not; null without one, and for one without an end. */
  readonly pausedUntil: Date | null;
  /** A pause that an administrator made by hand. */
  readonly suspension: {
    readonly since: Date;
    readonly until: Date | null;
    readonly reason: string | null;
  } | null;
  /** How many attempts may be open at once just now. */
  readonly effectiveLimit: number;
  /** When an open breaker lets a probe out; null while it is closed. */
  readonly probeAt: Date | null;
  /** When the first of the numbers that rest may be used again; null when none rests. */
  readonly nextNumberAt: Date | null;
}
