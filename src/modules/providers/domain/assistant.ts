/** An assistant that speaks at a provider. */
export interface Assistant {
  readonly id: string;
  readonly providerId: string;
  /** The vendor's id for the assistant. */
  readonly externalId: string;
  readonly name: string;
  readonly isActive: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewAssistant = Omit<Assistant, 'id' | 'createdAt' | 'updatedAt'>;

/** What may change about an assistant; absent stays as it is. */
export type AssistantChanges = {
  readonly [Field in Exclude<keyof NewAssistant, 'providerId'>]?: NewAssistant[Field] | undefined;
};
