import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * The demo in a container. Local mode listens on the container's own loopback address, which a published port does not
 * reach: so whatever arrives at the container is passed on to there. Whom the host lets arrive is the host's decision.
 */
function main(): void {
  const port = Number(process.env['PORT']);
  const passage = (address: string) =>
    createServer((incoming) => {
      const onward = connect(port, '127.0.0.1');
      incoming.pipe(onward).pipe(incoming);
      for (const socket of [incoming, onward]) {
        socket.on('error', () => {
          incoming.destroy();
          onward.destroy();
        });
      }
    })
      .listen(port, address)
      .unref();
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (const { address, family, internal } of addresses) if (!internal && family === 'IPv4') passage(address);
  void import('./demo.js');
}

main();
