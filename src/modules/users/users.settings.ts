import { z } from 'zod';
import { httpUrl, secret } from '../../shared/config/fields';

export const usersVariables = {
  SUPABASE_URL: httpUrl.optional(),
  SUPABASE_JWT_SECRET: secret(z.string().min(32, 'must have at least 32 characters').optional()),
};

/** How access tokens are verified: against Supabase's published keys, or with a shared secret. Never both. */
export type TokenSettings =
  { readonly kind: 'jwks'; readonly supabaseUrl: string } | { readonly kind: 'secret'; readonly secret: string };
