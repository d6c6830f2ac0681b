import { z } from 'zod';
import { secret, text } from '../config/fields';

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, message: 'must be a postgres:// or postgresql:// URL' });

/** Where the database is. Without `DATABASE_URL` the service starts a PostgreSQL of its own in `DATA_DIR`. */
export const databaseVariables = {
  DATABASE_URL: secret(postgresUrl.optional()),
  DATABASE_DIRECT_URL: secret(postgresUrl.optional()),
  DATA_DIR: text.default('.data'),
};

export interface DatabaseSettings {
  readonly url: string;
  /** A session connection for LISTEN and migrations. */
  readonly directUrl: string;
}
