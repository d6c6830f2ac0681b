import { request as overHttp, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as overHttps } from 'node:https';
import { type ClientSpan, clientSpan, endFailed } from '../observability/spans';

const MAX_ANSWER_BYTES = 8_000_000;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, the connection included. */
  readonly timeoutMs: number;
  /** Asked when the connection stands, right before the first byte leaves. Unless it says true, nothing is sent. */
  readonly maySend?: () => Promise<boolean>;
}

/**
 * What became of a request. `not-sent`: not one byte of it left, so it certainly had no effect. `no-answer`: it may
 * have had one; a part of an answer counts as none.
 */
export type HttpExchange =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  | { readonly kind: 'not-sent'; readonly detail: string }
  | { readonly kind: 'no-answer'; readonly cause: 'timeout' | 'network' | 'too-large' };

class TimedOut extends Error {}
class TooLarge extends Error {}
class CalledOff extends Error {}

/**
 * Sends one request exactly once and never throws. Why not fetch: it repeats a request on some answers (421), and it
 * cannot tell whether bytes left. Here nothing is written before the connection stands, its certificate checked; so
 * the line between "not sent" and "maybe sent" is ours and no list of error codes. Each request has a connection of its
 * own: one that the other side closes while it idles would turn a request into a guess. Redirects are not followed.
 */
export async function exchange(request: HttpRequest): Promise<HttpExchange> {
  const span = clientSpan(() => describe(request));
  const outcome = await send(request);
  if (span) end(span, outcome);
  return outcome;
}

function send(request: HttpRequest): Promise<HttpExchange> {
  return new Promise((resolve) => {
    let sent = false;
    let answering = false;
    const fail = (error: unknown): void =>
      resolve(sent ? noAnswer(error) : { kind: 'not-sent', detail: nameOf(error) });
    try {
      const outgoing = open(request, () => (sent = true));
      const timer = setTimeout(() => outgoing.destroy(new TimedOut()), request.timeoutMs);
      outgoing.on('error', fail);
      outgoing.once('response', (response) => {
        answering = true;
        void read(response).then(resolve, fail);
      });
      outgoing.once('close', () => {
        clearTimeout(timer);
        // Says something only where the connection ended with neither an answer nor an error.
        if (!answering) fail(new Error('closed'));
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** Neither the path, which may hold a vendor's id of a call, nor anything that is sent. */
function describe({ method, url }: HttpRequest) {
  if (!URL.canParse(url)) return { name: method, attributes: {} };
  const { hostname, port, protocol } = new URL(url);
  const address = { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) };
  return { name: method, attributes: { 'http.request.method': method, ...address } };
}

function end(span: ClientSpan, outcome: HttpExchange): void {
  if (outcome.kind === 'not-sent') endFailed(span, outcome.detail);
  else if (outcome.kind === 'no-answer') endFailed(span, outcome.cause);
  else {
    span.setAttribute('http.response.status_code', outcome.status);
    if (outcome.status >= 400) endFailed(span, String(outcome.status));
    else span.end();
  }
}

function open({ method, url, headers, body, maySend }: HttpRequest, onSend: () => void): ClientRequest {
  const isSecure = new URL(url).protocol === 'https:';
  const outgoing = (isSecure ? overHttps : overHttp)(url, {
    method,
    agent: false,
    headers: { 'user-agent': 'ringonce', 'accept-encoding': 'identity', ...headers },
  });
  const send = (isAllowed: boolean): void => {
    if (outgoing.destroyed) return;
    if (!isAllowed) {
      outgoing.destroy(new CalledOff());
      return;
    }
    onSend();
    outgoing.end(body);
  };
  const sendIfAllowed = (): void => {
    if (maySend)
      maySend().then(send, () => {
        send(false);
      });
    else send(true);
  };
  outgoing.once('socket', (socket) => socket.once(isSecure ? 'secureConnect' : 'connect', sendIfAllowed));
  return outgoing;
}

async function read(response: IncomingMessage): Promise<HttpExchange> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new TooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { kind: 'answered', status: response.statusCode ?? 0, headers: response.headers, body };
}

function noAnswer(error: unknown): HttpExchange {
  if (error instanceof TimedOut) return { kind: 'no-answer', cause: 'timeout' };
  return { kind: 'no-answer', cause: error instanceof TooLarge ? 'too-large' : 'network' };
}

/** The error's code, never its text: that may quote what was sent. */
function nameOf(error: unknown): string {
  if (error instanceof TimedOut) return 'timeout';
  if (error instanceof CalledOff) return 'called off';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
