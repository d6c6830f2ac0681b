import { Retell } from 'retell-sdk';
import type { CallCreatePhoneCallParams } from 'retell-sdk/resources';
import { exchange, type HttpExchange, type HttpRequest } from '../../../../shared/http-client/exchange';
import { readJson } from '../../../../shared/http-client/read-json';
import { toDetail } from '../../domain/to-detail';
import type { ProviderAccount } from '../../provider-definition';
import type { MaySend } from '../../public/call-provider.port';

const RETELL_URL = 'https://api.retellai.com';
const READ_TIMEOUT_MS = 15_000;
/** Time is measured by the exchange. The client's own watch only has to be slower. */
const NEVER_MS = 86_400_000;

/** The specification says 422 for what does not exist, the API has been seen to say 404. */
const NOT_FOUND: ReadonlySet<number> = new Set([404, 422]);

/** One request, put into words by Retell's own client. */
type Request = (client: Retell) => PromiseLike<unknown>;

/** What bounds a request. */
type Limits = Pick<HttpRequest, 'timeoutMs' | 'maySend'>;

/** What a question brought: the body, the fact that there is no such thing, or why it cannot be said. */
export type RetellRead =
  | { readonly kind: 'read'; readonly body: unknown }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly status: number | undefined; readonly detail: string };

/**
 * Retell's HTTP API for one account. Nothing is repeated and nothing throws. Retell's own client knows the routes,
 * the headers and the bodies; its requests go through our exchange, which alone can tell what was sent.
 */
export class RetellApi {
  /** What must never show up in a detail. */
  readonly secrets: readonly string[];

  constructor(private readonly account: ProviderAccount) {
    const { apiKey, webhookSecret } = account.credentials;
    this.secrets = webhookSecret === undefined ? [apiKey] : [apiKey, webhookSecret];
  }

  createCall(call: CallCreatePhoneCallParams, timeoutMs: number, maySend?: MaySend): Promise<HttpExchange> {
    return this.send((client) => client.call.createPhoneCall(call), { timeoutMs, ...(maySend && { maySend }) });
  }

  stopCall(providerCallId: string): Promise<HttpExchange> {
    return this.send((client) => client.call.stop(providerCallId));
  }

  async ask(question: Request): Promise<RetellRead> {
    const answer = await this.send(question);
    if (answer.kind === 'not-sent') return this.failed(`could not be reached (${answer.detail})`);
    if (answer.kind === 'no-answer') return this.failed(`gave no answer (${answer.cause})`);
    if (NOT_FOUND.has(answer.status)) return { kind: 'not-found' };
    if (answer.status < 200 || answer.status > 299) return this.failed(`answered ${answer.status}`, answer.status);
    const body = readJson(answer.body);
    return body === undefined ? this.failed('answered no JSON', answer.status) : { kind: 'read', body };
  }

  /** The client gets an empty answer, whatever came: it would throw at some and repeat at others. */
  private async send(request: Request, limits: Limits = { timeoutMs: READ_TIMEOUT_MS }): Promise<HttpExchange> {
    let answer: HttpExchange | undefined;
    const client = new Retell({
      apiKey: this.account.credentials.apiKey,
      baseURL: this.account.baseUrl ?? RETELL_URL,
      maxRetries: 0,
      timeout: NEVER_MS,
      // Its debug log shows headers, and an environment variable of its own would switch it on.
      logLevel: 'off',
      fetch: async (url, init) => {
        answer = await exchange({ ...toExchange(url, init), ...limits });
        return new Response('{}', { headers: { 'content-type': 'application/json' } });
      },
    });
    try {
      await request(client);
    } catch (error) {
      // Thrown by the client before anything was sent: an id, say, that cannot be part of a path.
      answer ??= { kind: 'not-sent', detail: error instanceof Error ? error.name : 'unknown error' };
    }
    return answer ?? { kind: 'not-sent', detail: 'the client sent nothing' };
  }

  private failed(what: string, status?: number): RetellRead {
    return { kind: 'failed', status, detail: toDetail(`Retell ${what}.`, this.secrets) };
  }
}

function toExchange(url: unknown, init: RequestInit | undefined) {
  return {
    method: init?.method === 'GET' ? ('GET' as const) : ('POST' as const),
    url: String(url),
    headers: Object.fromEntries(new Headers(init?.headers)),
    ...(typeof init?.body === 'string' && { body: init.body }),
  };
}
