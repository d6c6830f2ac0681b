import type { JsonRequest, Reply } from '../kit/json-server';
import type { Timers } from '../kit/timers';
import { expand } from './protocol/expand';
import { decodeForm, type RawMap, readable } from './protocol/form';
import { type AnswerFault, Faults } from './protocol/faults';
import { IdempotencyKeys, type KeptAnswer } from './protocol/idempotency';
import { Refusal, unauthorized } from './protocol/refusals';
import type { ReceivedRequest, Records } from './records';
import { findRoute } from './routes/all';
import { API_VERSION, type World } from './world';

interface Received {
  readonly request: JsonRequest;
  readonly params: RawMap;
  readonly record: ReceivedRequest;
  readonly requestId: string;
}

interface Outcome extends KeptAnswer {
  readonly replayed?: boolean;
}

/** Answers API requests as Stripe does, unless a fault was ordered. */
export class Api {
  readonly faults = new Faults();
  readonly keys = new IdempotencyKeys();

  constructor(
    private readonly apiKey: string,
    private readonly world: World,
    private readonly records: Records,
    private readonly timers: Timers,
  ) {}

  async answer(request: JsonRequest): Promise<Reply> {
    const received = this.receive(request);
    const fault = this.faults.take(request.method, request.path);
    if (fault?.kind === 'cut') return 'cut';
    if (fault?.kind === 'hang') return 'silence';
    if (fault?.kind === 'error') return this.reply(received, errorAnswer(fault.status, fault.code));
    return this.answerIn(received, fault);
  }

  private async answerIn(received: Received, fault: AnswerFault | undefined): Promise<Reply> {
    const outcome = this.perform(received, fault);
    if (fault?.kind === 'slow') await this.timers.pauseMs(fault.delayMs);
    this.release(received, outcome);
    return fault?.kind === 'lost-answer' ? 'cut' : this.reply(received, outcome);
  }

  private receive(request: JsonRequest): Received {
    const params = { ...decodeForm(request.query.toString()), ...decodeForm(request.rawBody) };
    const record = this.records.arrived({
      method: request.method,
      path: request.path,
      params: readable(params),
      idempotencyKey: request.headers['idempotency-key'],
      version: request.headers['stripe-version'],
    });
    return { request, params, record, requestId: this.world.ids.next('req') };
  }

  private perform(received: Received, fault: AnswerFault | undefined): Outcome {
    try {
      this.authorize(received.request);
      const earlier = this.beginKey(received);
      if (earlier !== undefined) return { ...earlier, replayed: true };
    } catch (error) {
      return refusalAnswer(error);
    }
    const outcome = this.act(received);
    return fault?.kind === 'error-after' ? errorAnswer(fault.status ?? 500) : outcome;
  }

  private act({ request, params, record, requestId }: Received): Outcome {
    this.world.request = { id: requestId, idempotency_key: record.idempotencyKey ?? null };
    try {
      const { route, id } = findRoute(request.method, request.path);
      const { body, expand: paths } = route.answer(this.world, id, params);
      return { status: 200, body: expand(this.world, body, paths) };
    } catch (error) {
      if (error instanceof Refusal && error.isValidation) this.forgetKey(record);
      return refusalAnswer(error);
    } finally {
      this.world.request = null;
    }
  }

  private authorize({ headers }: JsonRequest): void {
    const [, key] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    if (key !== this.apiKey) throw unauthorized(key);
    const version = headers['stripe-version'];
    if (version === undefined || version === API_VERSION) return;
    throw new Refusal(400, {
      type: 'invalid_request_error',
      message: `This stand-in speaks ${API_VERSION}, and not ${version}.`,
    });
  }

  private beginKey({ request, record }: Received): KeptAnswer | undefined {
    const key = record.idempotencyKey;
    if (key === undefined || request.method !== 'POST') return undefined;
    return this.keys.begin(key, `${request.method} ${request.path} ${request.rawBody}`);
  }

  private forgetKey({ idempotencyKey }: ReceivedRequest): void {
    if (idempotencyKey !== undefined) this.keys.forget(idempotencyKey);
  }

  /** From now on the key gives this answer again. */
  private release({ record, request }: Received, outcome: Outcome): void {
    const isMine = outcome.replayed !== true && !isKeyConflict(outcome);
    if (record.idempotencyKey !== undefined && request.method === 'POST' && isMine) {
      this.keys.keep(record.idempotencyKey, outcome);
    }
  }

  private reply({ request, record, requestId }: Received, { status, body, replayed = false }: Outcome): Reply {
    record.answeredStatus = status;
    record.replayed = replayed;
    const { method, path, rawBody } = request;
    this.records.answered({ method, path, rawQuery: request.query.toString(), rawBody, status, body });
    return {
      status,
      body,
      headers: {
        'request-id': requestId,
        'stripe-version': API_VERSION,
        ...(record.idempotencyKey !== undefined && { 'idempotency-key': record.idempotencyKey }),
        ...(replayed && { 'idempotent-replayed': 'true' }),
      },
    };
  }
}

function isKeyConflict({ body }: Outcome): boolean {
  const { error } = body as { readonly error?: { readonly type?: string } };
  return error?.type === 'idempotency_error';
}

function refusalAnswer(error: unknown): Outcome {
  if (!(error instanceof Refusal)) throw error;
  return { status: error.status, body: { error: error.details } };
}

function errorAnswer(status: number, code?: string): Outcome {
  const isLimit = status === 429;
  return {
    status,
    body: {
      error: {
        type: isLimit ? 'rate_limit_error' : 'api_error',
        message: isLimit ? 'Too many requests hit the API too quickly.' : 'An unknown error occurred.',
        ...((code ?? isLimit) && { code: code ?? 'rate_limit' }),
      },
    },
  };
}
