import { type Account, signUp } from './sign-up';

/** What a program that runs the service as its child may ask for over their channel. */
export interface SignUpRequest {
  readonly signUp: Account;
}

/** The answer: the new user's id, or why there is none. */
export type SignUpAnswer = { readonly signedUp: string } | { readonly problem: string };

/** Ends the service with the program that runs it, even if that is killed. Without such a program nothing happens. */
export function endWithParent(): void {
  if (process.connected) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/** Signs up whom the parent names: in local mode there is no Supabase to do it. */
export function signUpForParent(databaseUrl: string): void {
  if (!process.connected) return;
  process.on('message', (message: unknown) => {
    if (!isSignUpRequest(message)) return;
    const { signUp: account } = message;
    signUp(databaseUrl, account).then(
      () => answer({ signedUp: account.id }),
      (error: unknown) => answer({ problem: error instanceof Error ? error.message : String(error) }),
    );
  });
}

function answer(message: SignUpAnswer): void {
  if (process.connected) process.send?.(message);
}

function isSignUpRequest(message: unknown): message is SignUpRequest {
  return typeof message === 'object' && message !== null && 'signUp' in message;
}
