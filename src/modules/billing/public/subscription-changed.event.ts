/** A user's live subscription began, changed or ended. `isLive` tells whether one is live now. */
export class SubscriptionChanged {
  constructor(
    readonly userId: string,
    readonly isLive: boolean,
  ) {}
}
