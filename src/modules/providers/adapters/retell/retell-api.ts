import { exchange, type HttpExchange } from '../../../../shared/http-client/exchange';
import { readJson } from '../../../../shared/http-client/read-json';
import { toDetail } from '../../domain/to-detail';
import type { ProviderAccount } from '../../provider-definition';

const RETELL_URL = 'https://api.retellai.com';
const READ_TIMEOUT_MS = 15_000;

/** The specification says 422 for what does not exist, the API has been seen to say 404. */
const NOT_FOUND: ReadonlySet<number> = new Set([404, 422]);

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** What a question brought: the body, the fact that there is no such thing, or why it cannot be said. */
export type RetellRead =
  | { readonly kind: 'read'; readonly body: unknown }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly status: number | undefined; readonly detail: string };

/** Retell's HTTP API for one account. Nothing is repeated and nothing throws. */
export class RetellApi {
  private readonly baseUrl: string;
  /** What must never show up in a detail. */
  readonly secrets: readonly string[];

  constructor(private readonly account: ProviderAccount) {
    this.baseUrl = account.baseUrl ?? RETELL_URL;
    const { apiKey, webhookSecret } = account.credentials;
    this.secrets = webhookSecret === undefined ? [apiKey] : [apiKey, webhookSecret];
  }

  createCall(body: object, timeoutMs: number): Promise<HttpExchange> {
    return this.send({ method: 'POST', path: '/v2/create-phone-call', body }, timeoutMs);
  }

  stopCall(providerCallId: string): Promise<HttpExchange> {
    return this.send({ method: 'POST', path: `/v2/stop-call/${encodeURIComponent(providerCallId)}` });
  }

  async ask(question: Question): Promise<RetellRead> {
    const answer = await this.send(question);
    if (answer.kind === 'not-sent') return this.failed(`could not be reached (${answer.detail})`);
    if (answer.kind === 'no-answer') return this.failed(`gave no answer (${answer.cause})`);
    if (NOT_FOUND.has(answer.status)) return { kind: 'not-found' };
    if (answer.status < 200 || answer.status > 299) return this.failed(`answered ${answer.status}`, answer.status);
    const body = readJson(answer.body);
    return body === undefined ? this.failed('answered no JSON', answer.status) : { kind: 'read', body };
  }

  private send({ method, path, query, body }: Question, timeoutMs = READ_TIMEOUT_MS): Promise<HttpExchange> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    return exchange({
      method,
      url: `${this.baseUrl}${path}${search}`,
      headers: {
        authorization: `Bearer ${this.account.credentials.apiKey}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      timeoutMs,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  private failed(what: string, status?: number): RetellRead {
    return { kind: 'failed', status, detail: toDetail(`Retell ${what}.`, this.secrets) };
  }
}
