import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way over TCP that can be cut: listens on a port of its own, and passes bytes on to wherever the target is then. */
export class TcpPassage {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  /** Connections that were cut so far. */
  cuts = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: () => number | undefined,
  ) {}

  /** @param target a port on loopback, asked for each connection; undefined: nobody is there */
  static async open(target: () => number | undefined): Promise<TcpPassage> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const passage = new TcpPassage(server, target);
    server.on('connection', (client) => passage.lead(client));
    return passage;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets the connections that are chosen, whatever is on its way in them. Tells how many. */
  cut(isChosen: () => boolean): number {
    const chosen = [...this.pairs].filter(isChosen);
    for (const pair of chosen) for (const socket of pair) socket.resetAndDestroy();
    this.cuts += chosen.length;
    return chosen.length;
  }

  /** On the connections that there are nothing arrives any more, on either side, and nobody is told. */
  freeze(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private lead(client: Socket): void {
    const port = this.target();
    if (port === undefined) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = [client, server] as const;
    this.pairs.add(pair);
    client.setNoDelay(true);
    client.pipe(server);
    server.pipe(client);
    for (const [one, other] of [pair, [server, client] as const]) {
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => {
        this.pairs.delete(pair);
        other.destroy();
      });
    }
  }
}
