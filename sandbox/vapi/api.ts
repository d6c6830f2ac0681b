import { object } from '../kit/json';
import type { JsonRequest, Reply } from '../kit/json-server';
import { Placing } from '../kit/placing';
import { listCalls, readLimit } from './call-list';
import type { CallDesk, CreateCall } from './create-call';
import { ORGANIZATION_ID } from './defaults';
import type { AnswerFault, MessageType } from './faults';
import { refusal, unauthorized } from './refusals';
import type { SandboxCall } from './sandbox-call';
import { phoneNumberWire } from './webhooks';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CREATED_BEFORE_ALL = '2026-01-01T00:00:00.000Z';
const LIST_QUERY = ['limit', 'createdAtGt', 'createdAtLt', 'createdAtGe', 'createdAtLe'];

/** The part of Vapi's API that the stand-in speaks. */
export class VapiApi {
  private readonly placing: Placing<SandboxCall, AnswerFault, MessageType>;

  constructor(
    private readonly desk: CallDesk,
    createCall: CreateCall,
    private readonly apiKey: string,
  ) {
    this.placing = new Placing(desk, createCall);
  }

  answer(request: JsonRequest): Reply | Promise<Reply> {
    const controlled = /^\/([0-9a-f-]{36})\/control$/.exec(request.path)?.[1];
    if (controlled !== undefined && request.method === 'POST') return this.control(controlled, request.body);
    if (request.headers.authorization !== `Bearer ${this.apiKey}`) {
      return isPlacement(request) ? this.placing.turnAway(request, unauthorized()) : unauthorized();
    }
    if (isPlacement(request)) return this.placing.answer(request);
    if (request.method !== 'GET') return notFound(request);
    return this.read(request);
  }

  private read(request: JsonRequest): Reply {
    const fault = this.desk.faults.takeRead();
    if (fault !== undefined) return typeof fault === 'object' ? refusal(fault.status, 'Ordered') : fault;
    if (request.path === '/call') return this.list(request.query);
    if (request.path === '/phone-number')
      return listOf(request, [...this.desk.phoneNumbers.values()].map(phoneNumberWire));
    if (request.path === '/assistant') return listOf(request, this.assistants());
    const id = /^\/call\/([^/]+)$/.exec(request.path)?.[1];
    return id === undefined ? notFound(request) : this.readCall(id);
  }

  private readCall(id: string): Reply {
    if (!UUID.test(id)) return refusal(400, ['id must be a UUID']);
    const call = this.desk.calls.get(id);
    return call?.isVisible === true
      ? { status: 200, body: call.toWire() }
      : refusal(404, `Couldn't Find Call \`${id}\`. It may have been deleted.`);
  }

  private list(query: URLSearchParams): Reply {
    const limit = readLimit(query);
    if (typeof limit === 'string') return refusal(400, [limit]);
    return { status: 200, body: listCalls(this.desk.calls.values(), query, limit).map((call) => call.toWire()) };
  }

  private assistants(): readonly Record<string, unknown>[] {
    return [...this.desk.assistants.values()].map(({ id, name, dialogue }) => ({
      id,
      orgId: ORGANIZATION_ID,
      createdAt: CREATED_BEFORE_ALL,
      updatedAt: CREATED_BEFORE_ALL,
      name,
      firstMessage: dialogue[0],
    }));
  }

  /** The control channel of a live call. It asks for no key: its address is the secret. */
  private control(callId: string, body: unknown): Reply {
    if (object(body).type !== 'end-call') return refusal(400, 'Unknown control message.');
    const call = this.desk.calls.get(callId);
    if (call === undefined || !this.desk.lifecycle.hangUp(call, 'manually-canceled')) {
      return refusal(404, 'The call is not live.');
    }
    return { status: 200, body: { success: true } };
  }
}

function listOf(request: JsonRequest, items: readonly Record<string, unknown>[]): Reply {
  const limit = readLimit(request.query, LIST_QUERY);
  if (typeof limit === 'string') return refusal(400, [limit]);
  const before = request.query.get('createdAtLt') ?? request.query.get('createdAtLe');
  const shown = before === null ? items : items.filter((item) => String(item.createdAt) <= before);
  return { status: 200, body: shown.slice(0, limit) };
}

function isPlacement({ method, path }: JsonRequest): boolean {
  return method === 'POST' && path === '/call';
}

function notFound(request: JsonRequest): Reply {
  return refusal(404, `Cannot ${request.method} ${request.path}`);
}
