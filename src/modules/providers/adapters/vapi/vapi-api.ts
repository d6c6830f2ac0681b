import { exchange, type HttpExchange, type HttpRequest } from '../../../../shared/http-client/exchange';
import type { ProviderAccount } from '../../provider-definition';
import { readJson } from '../../../../shared/http-client/read-json';
import { toDetail } from '../../domain/to-detail';
import type { MaySend } from '../../public/call-provider.port';

const VAPI_URL = 'https://api.vapi.ai';
const READ_TIMEOUT_MS = 15_000;

/** What a GET brought: the body, the fact that there is nothing, or why it cannot be said. */
export type VapiRead =
  | { readonly kind: 'read'; readonly body: unknown }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly status: number | undefined; readonly detail: string };

/** Vapi's HTTP API for one account. Nothing is repeated and nothing throws. */
export class VapiApi {
  private readonly baseUrl: string;
  /** What must never show up in a detail. */
  readonly secrets: readonly string[];

  constructor(private readonly account: ProviderAccount) {
    this.baseUrl = account.baseUrl ?? VAPI_URL;
    const { apiKey, webhookSecret } = account.credentials;
    this.secrets = webhookSecret === undefined ? [apiKey] : [apiKey, webhookSecret];
  }

  createCall(body: object, timeoutMs: number, maySend?: MaySend): Promise<HttpExchange> {
    return this.send('POST', '/call', { body: JSON.stringify(body), timeoutMs, ...(maySend && { maySend }) });
  }

  async get(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<VapiRead> {
    const search = new URLSearchParams(
      Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
    ).toString();
    const answer = await this.send('GET', search === '' ? path : `${path}?${search}`, { timeoutMs: READ_TIMEOUT_MS });
    if (answer.kind === 'not-sent') return this.failed(`could not be reached (${answer.detail})`);
    if (answer.kind === 'no-answer') return this.failed(`gave no answer (${answer.cause})`);
    if (answer.status === 404) return { kind: 'not-found' };
    const body = readJson(answer.body);
    if (answer.status !== 200) return this.failed(`answered ${answer.status}`, answer.status);
    return body === undefined ? this.failed('answered no JSON', answer.status) : { kind: 'read', body };
  }

  /**
   * Sends a message to the control address of a live call. It is another host than the API's, so it gets no key; where
   * the API is spoken to over TLS, so is this.
   */
  async control(controlUrl: string, message: object): Promise<HttpExchange | undefined> {
    const isSecure = controlUrl.startsWith('https://');
    const isPlainAllowed = this.baseUrl.startsWith('http://') && controlUrl.startsWith('http://');
    if (!isSecure && !isPlainAllowed) return undefined;
    return exchange({
      method: 'POST',
      url: controlUrl,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      timeoutMs: READ_TIMEOUT_MS,
    });
  }

  private send(
    method: 'GET' | 'POST',
    path: string,
    { body, ...rest }: Pick<HttpRequest, 'body' | 'timeoutMs' | 'maySend'>,
  ): Promise<HttpExchange> {
    return exchange({
      method,
      url: `${this.baseUrl}${path}`,
      headers: {
        authorization: `Bearer ${this.account.credentials.apiKey}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...rest,
      ...(body !== undefined && { body }),
    });
  }

  private failed(what: string, status?: number): VapiRead {
    return { kind: 'failed', status, detail: toDetail(`Vapi ${what}.`, this.secrets) };
  }
}
