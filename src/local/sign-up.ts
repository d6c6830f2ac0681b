import { withSession } from '../shared/database/connection';

/** An account as Supabase would keep it. */
export interface Account {
  readonly id: string;
  readonly email: string;
}

/** Creates the account unless it is there, as signing up at Supabase would; the profile follows by itself. */
export async function signUp(databaseUrl: string, { id, email }: Account): Promise<void> {
  await withSession(databaseUrl, (session) =>
    session.query(
      `insert into auth.users (id, aud, role, email) values ($1, 'authenticated', 'authenticated', $2) on conflict do nothing`,
      [id, email],
    ),
  );
}
