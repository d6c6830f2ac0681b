/** Lets billing switch a profile on and off as its subscription begins and ends. */
export abstract class ProfileActivation {
  /** Sets the profile's status in the surrounding unit of work. Does nothing for a user without a profile. */
  abstract setActive(userId: string, isActive: boolean): Promise<void>;
}
