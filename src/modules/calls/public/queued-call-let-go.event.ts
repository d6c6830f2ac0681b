/** The row of a call that waits in the queue was locked for a moment, in which a claim passes over it. */
export class QueuedCallLetGo {
  constructor(readonly callQueueId: string) {}
}
