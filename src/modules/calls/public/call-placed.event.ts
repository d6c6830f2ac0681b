/** A vendor has accepted an attempt: the call exists there. */
export class CallPlaced {
  constructor(
    readonly attempt: {
      readonly id: string;
      readonly callQueueId: string;
      /** Null once the user is erased. */
      readonly userId: string | null;
      readonly providerId: string;
      readonly assistantId: string;
      readonly phoneNumberId: string;
      readonly recipientNumber: string;
    },
    readonly providerCallId: string,
    /** Whether somebody has meanwhile asked to end the call. */
    readonly isUnwanted: boolean,
  ) {}
}
