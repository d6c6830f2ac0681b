import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/modules/*/adapters/drizzle/*.table.ts', './src/shared/database/*.table.ts'],
  out: './drizzle',
  entities: { roles: { provider: 'supabase' } },
  schemaFilter: ['public'],
});
