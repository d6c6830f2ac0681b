/** A number that a provider dials from. */
export interface PhoneNumber {
  readonly id: string;
  readonly providerId: string;
  /** The vendor's id for the number. */
  readonly phoneId: string;
  /** The calling code without a plus: 1, 49. Empty when the number tells none. */
  readonly countryCode: string;
  readonly areaCode: string | null;
  /** The rest, after country and area. */
  readonly phoneNumber: string;
  /** E.164. */
  readonly fullNumber: string;
  readonly isActive: boolean;
  readonly capabilities: readonly string[];
  readonly lastUsedAt: Date | null;
  /** Null when the number may be used. */
  readonly quarantinedUntil: Date | null;
  readonly quarantineReason: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The parts of an E.164 number. */
export type NumberParts = Pick<PhoneNumber, 'countryCode' | 'areaCode' | 'phoneNumber'>;

export type NewPhoneNumber = Omit<
  PhoneNumber,
  'id' | 'lastUsedAt' | 'quarantinedUntil' | 'quarantineReason' | 'createdAt' | 'updatedAt'
>;

/** What may change about a number; absent stays as it is. */
export type PhoneNumberChanges = {
  readonly [Field in Exclude<keyof NewPhoneNumber, 'providerId'>]?: NewPhoneNumber[Field] | undefined;
};
