import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookHeaders } from '../../src/modules/providers/public/call-provider.port';

export interface ReceivedWebhook {
  readonly headers: WebhookHeaders;
  readonly rawBody: Buffer;
  readonly body: unknown;
}

/** Takes webhooks as they come, for the tests to look at. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const rawBody = Buffer.concat(chunks);
        const headers = request.headers as WebhookHeaders;
        receiver.received.push({ headers, rawBody, body: JSON.parse(rawBody.toString()) });
        response.end('{}');
        for (const check of [...receiver.waiting]) check();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
  }

  /** Resolves as soon as what has arrived satisfies the condition; jest's own deadline ends a vain wait. */
  waitFor(condition: (received: readonly ReceivedWebhook[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition(this.received)) return;
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
      check();
    });
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
  }
}
