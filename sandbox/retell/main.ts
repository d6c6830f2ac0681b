import { startRetellSandbox } from './retell-sandbox';

const number = (name: string, fallback: number): number => Number(process.env[name] ?? fallback);

async function main(): Promise<void> {
  const apiKey = process.env.SANDBOX_API_KEY ?? 'sandbox-key';
  const sandbox = await startRetellSandbox({
    apiKey,
    port: number('SANDBOX_PORT', 4011),
    speed: number('SANDBOX_SPEED', 1),
    seed: number('SANDBOX_SEED', 1),
    concurrencyLimit: number('SANDBOX_CONCURRENCY', 20),
  });
  console.log(`Retell's stand-in listens on ${sandbox.url} (API key: ${apiKey})`);
  console.log(`${sandbox.phoneNumbers.length} phone numbers, ${sandbox.agents.length} agents`);
  const stop = (): void => void sandbox.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

void main();
