import { Agent, type ClientRequest, request } from 'node:http';
import { now } from './clock';

/** One connection that is kept, and as little around it as there can be: the bench's own time is not to be measured. */
export class KeptConnection {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @returns when it was asked, and when the answer began to arrive. @throws an Error for anything but 2xx */
  post(path: string, body: string): Promise<{ readonly asked: number; readonly answered: number }> {
    return new Promise((resolve, reject) => {
      const asked = now();
      const outgoing: ClientRequest = request(
        this.url + path,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            authorization: `Bearer ${this.token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          const answered = now();
          const { statusCode = 0 } = response;
          response.resume();
          response.once('end', () => {
            if (statusCode < 300) resolve({ asked, answered });
            else reject(new Error(`POST ${path}: ${String(statusCode)}`));
          });
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
