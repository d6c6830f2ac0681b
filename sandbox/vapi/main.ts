import { DEFAULT_ASSISTANTS, DEFAULT_PHONE_NUMBERS } from './defaults';
import { startVapiSandbox } from './vapi-sandbox';

const number = (name: string, fallback: number): number => Number(process.env[name] ?? fallback);

async function main(): Promise<void> {
  const apiKey = process.env.SANDBOX_API_KEY ?? 'sandbox-key';
  const sandbox = await startVapiSandbox({
    apiKey,
    port: number('SANDBOX_PORT', 4010),
    speed: number('SANDBOX_SPEED', 1),
    seed: number('SANDBOX_SEED', 1),
    concurrencyLimit: number('SANDBOX_CONCURRENCY', 10),
  });
  console.log(`Vapi's stand-in listens on ${sandbox.url} (API key: ${apiKey})`);
  console.log(`${DEFAULT_PHONE_NUMBERS.length} phone numbers, ${DEFAULT_ASSISTANTS.length} assistants`);
  const stop = (): void => void sandbox.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

void main();
