import { readLocalSecrets } from '../../src/local/local-secrets';
import { recordEnvironment, recordSecret } from './run-record';

/** Records what local mode has made up for a data directory. */
export async function recordLocalSecrets(dataDirectory: string): Promise<void> {
  const secrets = await readLocalSecrets(dataDirectory);
  if (!secrets) return;
  const { credentialsKeys, ...others } = secrets;
  recordEnvironment({ CREDENTIALS_KEYS: credentialsKeys });
  for (const [name, value] of Object.entries(others)) recordSecret(`${name} of local mode`, value);
}
