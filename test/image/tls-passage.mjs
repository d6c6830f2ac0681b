// Speaks TLS for a stand-in that does not: in production the service talks to vendors over https only.
// node tls-passage.mjs <address> <port> <key file> <certificate file> <port on loopback>
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

const [address, port, keyFile, certificateFile, target] = process.argv.slice(2);
createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, (incoming) => {
  const onward = connect(Number(target), '127.0.0.1');
  incoming.pipe(onward).pipe(incoming);
  for (const socket of [incoming, onward]) {
    socket.on('error', () => {
      incoming.destroy();
      onward.destroy();
    });
  }
}).listen(Number(port), address);
