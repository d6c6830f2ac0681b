import { describeService } from '../src/application';
import { readSettings } from '../src/settings';

/** Nothing connects to any of this: the routes are described, not served. */
const ENVIRONMENT = {
  DATABASE_URL: 'postgresql://127.0.0.1:1/none',
  SUPABASE_URL: 'http://127.0.0.1:1',
  CREDENTIALS_KEYS: `none:${Buffer.alloc(32).toString('base64')}`,
};

/** `openapi.json` as it should be committed. */
export async function openApiText(): Promise<string> {
  return `${JSON.stringify(await describeService(readSettings(ENVIRONMENT)), null, 2)}\n`;
}
