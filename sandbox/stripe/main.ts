import { startStripeSandbox } from './stripe-sandbox';
import type { Dunning } from './objects/hidden';

const DEFAULT_PORT = 4012;
const TICK_MS = 1_000;

async function main(): Promise<void> {
  const { env } = process;
  const apiKey = env.SANDBOX_API_KEY ?? 'sk_test_sandbox';
  const url = env.SANDBOX_WEBHOOK_URL;
  const secret = env.SANDBOX_WEBHOOK_SECRET ?? 'whsec_sandbox';
  const sandbox = await startStripeSandbox({
    apiKey,
    port: Number(env.SANDBOX_PORT ?? DEFAULT_PORT),
    seed: Number(env.SANDBOX_SEED ?? 1),
    dunning: { end: (env.SANDBOX_DUNNING_END ?? 'cancel') as Dunning['end'] },
    tickMs: TICK_MS,
    ...(url !== undefined && { webhook: { url, secret } }),
  });
  console.log(`Stripe's stand-in listens on ${sandbox.url} (API key: ${apiKey})`);
  console.log(
    url === undefined ? 'Events are kept: no webhook address is set.' : `Events go to ${url}, signed with ${secret}`,
  );
  console.log(
    'Time: POST /sandbox/clock {"days": 30}. People: POST /sandbox/act/portalCancel {"customer": "cus_..."}.',
  );
  const stop = (): void => void sandbox.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

void main();
