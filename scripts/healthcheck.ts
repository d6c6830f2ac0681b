const TIMEOUT_MS = 4_000;
const DEFAULT_PORT = '3000';

/** For a container's HEALTHCHECK: exits 0 when the service on this machine is ready, and otherwise says what is not. */
async function main(): Promise<void> {
  const url = `http://127.0.0.1:${process.env['PORT'] || DEFAULT_PORT}/health/ready`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  console.log(await response.text());
  if (!response.ok) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
