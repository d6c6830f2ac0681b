import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Member } from './member';

/** How often each instance is asked whether it is ready. */
const ASK_MS = 150;
/** What the operating system may take to tell that a process is dead. */
const DEATH_MS = 2_000;
/** Headers that belong to a connection. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];
/** Says that a request died with an instance that was killed, so that nobody knows what became of it. */
export const KILLED = 'x-instance-was-killed';

/** A webhook that was taken. */
export interface TakenWebhook {
  readonly providerCallId: string;
  readonly member: Member;
  readonly status: number;
}

interface Relayed {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/**
 * Shares requests out in turns, as whatever stands before instances does: only to those that say they are ready, and to
 * another one when a connection could not be opened, since nothing was sent then. It repeats nothing else. Some requests
 * come on connections that are kept, and some on new ones, which meet a door that is closed too early in different ways.
 */
export class Balancer {
  private members: readonly Member[] = [];
  private readonly underWay = new Map<Member, number>();
  private readonly agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: false })] as const;
  private turn = 0;
  private timer: NodeJS.Timeout | undefined;
  /** By instance. */
  readonly requests = new Map<Member, number>();
  readonly webhooks: TakenWebhook[] = [];
  /** Requests that nobody answered, or not as one answers: with what happened. */
  readonly failures: string[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Balancer> {
    const server = createServer((incoming, response) => void balancer.relay(incoming, response));
    const balancer = new Balancer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    balancer.askAgain();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(member: Member): void {
    this.members = [...this.members, member];
  }

  remove(member: Member): void {
    this.members = this.members.filter((other) => other !== member);
  }

  isAsking(member: Member): boolean {
    return (this.underWay.get(member) ?? 0) > 0;
  }

  close(): void {
    clearTimeout(this.timer);
    this.server.close();
    this.server.closeAllConnections();
    for (const agent of this.agents) agent.destroy();
  }

  private askAgain(): void {
    const asked = this.members.map(async (member) => {
      member.isReady = await member.instance.isReady().catch(() => false);
    });
    void Promise.all(asked).finally(() => {
      this.timer = setTimeout(() => this.askAgain(), ASK_MS);
    });
  }

  private async relay(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const untried = new Set(this.candidates());
    for (let member = this.next(untried); member; member = this.next(untried)) {
      untried.delete(member);
      const answer = await this.ask(member, incoming, body);
      if (answer) {
        pass(answer, response);
        return;
      }
    }
    this.failures.push(`${describe(incoming)}: no instance is ready`);
    pass({ status: 503, headers: {}, body: '' }, response);
  }

  /** Those that are ready; all of them when none says so, as on a machine that is too busy to answer: that is no end. */
  private candidates(): readonly Member[] {
    const staying = this.members.filter(({ isLeaving }) => !isLeaving);
    const ready = staying.filter(({ isReady }) => isReady);
    return ready.length > 0 ? ready : staying;
  }

  private next(members: ReadonlySet<Member>): Member | undefined {
    this.turn += 1;
    return [...members][this.turn % members.size];
  }

  /** @returns undefined when nothing was sent */
  private async ask(member: Member, incoming: IncomingMessage, body: string): Promise<Relayed | undefined> {
    this.count(member, 1);
    try {
      const answer = await forward(member, incoming, body, this.agents[this.turn % 3 === 0 ? 1 : 0]);
      this.requests.set(member, (this.requests.get(member) ?? 0) + 1);
      this.note(member, incoming, body, answer);
      return answer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined;
      if (await member.wasKilled(DEATH_MS)) return { status: 502, headers: { [KILLED]: 'yes' }, body: '' };
      this.failures.push(`${describe(incoming)} at ${member.name}: ${String(error)}`);
      return { status: 502, headers: {}, body: '' };
    } finally {
      this.count(member, -1);
    }
  }

  private count(member: Member, change: number): void {
    this.underWay.set(member, (this.underWay.get(member) ?? 0) + change);
  }

  private note(member: Member, incoming: IncomingMessage, body: string, { status, body: answer }: Relayed): void {
    if (status >= 500) this.failures.push(`${describe(incoming)} at ${member.name}: ${status} ${answer}`);
    if (!incoming.url?.startsWith('/v1/webhooks/')) return;
    if (status >= 300) this.failures.push(`${describe(incoming)} at ${member.name}: ${status} ${answer}`);
    const { message, call } = JSON.parse(body) as { message?: { call?: { id?: string } }; call?: { call_id?: string } };
    this.webhooks.push({ providerCallId: message?.call?.id ?? call?.call_id ?? '', member, status });
  }
}

function forward(
  member: Member,
  { method, url, headers }: IncomingMessage,
  body: string,
  agent: Agent,
): Promise<Relayed> {
  const { port } = new URL(member.instance.url);
  return new Promise((resolve, reject) => {
    const asked = request({ agent, host: '127.0.0.1', port, method, path: url, headers: withoutHops(headers) });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      text(answer).then(
        (words) => resolve({ status: answer.statusCode ?? 0, headers: withoutHops(answer.headers), body: words }),
        reject,
      );
    });
    asked.end(body);
  });
}

function pass({ status, headers, body }: Relayed, response: ServerResponse): void {
  response.writeHead(status, headers).end(body);
}

function withoutHops(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTION.includes(name)));
}

function describe({ method = '', url = '' }: IncomingMessage): string {
  return `${method} ${url.replace(/\?.*/, '')}`;
}
