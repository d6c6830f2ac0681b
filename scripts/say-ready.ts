const DEFAULT_PORT = '3000';

/** The last lines in the log of `docker compose up`: where the service is, and how to get in. */
function main(): void {
  const ports = process.env['PUBLISHED_PORT'] || DEFAULT_PORT;
  const isRange = ports.includes('-');
  const url = `http://127.0.0.1:${ports.split('-')[0] ?? ports}`;
  console.log(
    `Ringonce is ready: ${isRange ? `ports ${ports}, see docker compose ps` : `${url}, described at ${url}/docs`}`,
  );
  if (process.env['TOKENS'] === 'supabase') {
    console.log('Tokens come from Supabase: sign in there, and send its access token.');
    return;
  }
  console.log('A token for the user "demo":   docker compose run --rm -T token');
  console.log('A token for an administrator:  docker compose run --rm -T token --user demo --admin');
}

main();
