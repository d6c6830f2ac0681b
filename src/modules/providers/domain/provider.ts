/** A pause that an administrator made by hand. */
export interface Suspension {
  readonly since: Date;
  /** Null = until an administrator resumes the provider. */
  readonly until: Date | null;
  readonly reason: string | null;
}

/** A provider as administrators see it; its credentials stay encrypted. */
export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly type: 'voice';
  /** As CredentialsCipher writes it. */
  readonly encryptedCredentials: string;
  /** Null = the vendor's own address. */
  readonly baseUrl: string | null;
  /** 0 = takes no calls. */
  readonly concurrencyLimit: number;
  /** 1 is asked first. */
  readonly priority: number;
  readonly isActive: boolean;
  readonly health: 'closed' | 'open' | 'half-open';
  /** When the pause under way ends, made by hand or not; null without one, and for one without an end. */
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
  /** Null when no pause made by hand is under way. */
  readonly suspension: Suspension | null;
  /** How many calls may be under way at once just now; less than `concurrencyLimit` after concurrency refusals. */
  readonly effectiveLimit: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a new provider is made of. */
export type NewProvider = Pick<
  Provider,
  'id' | 'name' | 'driver' | 'type' | 'encryptedCredentials' | 'baseUrl' | 'concurrencyLimit' | 'priority' | 'isActive'
>;

/** What may change about a provider; absent stays as it is. */
export type ProviderChanges = {
  readonly [Field in Exclude<keyof NewProvider, 'id'>]?: NewProvider[Field] | undefined;
} & {
  /** Ends pauses and closes the breaker, as after new credentials. */
  readonly clearsHealth?: boolean;
};
