import type { ProfileStatus } from '../public/user-directory.port';

export interface Profile {
  readonly id: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** E.164. */
  readonly phoneNumber: string | null;
  readonly email: string | null;
  readonly address: string | null;
  readonly preferences: Readonly<Record<string, unknown>>;
  readonly status: ProfileStatus;
}

/** What a user may change about the own profile; absent = as it was. */
export interface ProfileChanges {
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly phoneNumber?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly preferences?: Readonly<Record<string, unknown>> | undefined;
}
