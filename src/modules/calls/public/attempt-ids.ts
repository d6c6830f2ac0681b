/** What an attempt is found by. */
export interface AttemptIds {
  readonly id: string;
  readonly callQueueId: string;
  readonly providerId: string;
}
