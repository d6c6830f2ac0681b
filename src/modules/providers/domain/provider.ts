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
  /** Null when no pause is under way. */
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
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
