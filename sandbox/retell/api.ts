import { type Json, object } from '../kit/json';
import type { JsonRequest, Reply } from '../kit/json-server';
import { Placing } from '../kit/placing';
import { RateWindow } from '../kit/rate-window';
import { listCalls, listFaultOf, pageOf } from './call-list';
import type { CallDesk, CreateCall } from './create-call';
import type { AnswerFault, EventType } from './faults';
import { failure, noSuchAsset, rateLimited, refusal, unauthorized } from './refusals';
import type { SandboxCall } from './sandbox-call';

const MINUTE_MS = 60_000;
const CHANGED_BEFORE_ALL = Date.UTC(2026, 0);

/** The part of Retell's API that the stand-in speaks. */
export class RetellApi {
  private readonly placing: Placing<SandboxCall, AnswerFault, EventType>;
  private readonly refusals: RateWindow;
  private readonly routes: Readonly<Record<string, (request: JsonRequest, id: string) => Reply>> = {
    'GET /v2/get-call/': (_, id) => this.readCall(id),
    'POST /v2/stop-call/': (_, id) => this.stopCall(id),
    'POST /v3/list-calls': ({ body }) => this.listCalls(object(body)),
    'GET /get-concurrency': () => ({ status: 200, body: this.concurrency() }),
    'GET /v2/list-phone-numbers': (request) => listOf(request, this.phoneNumbers()),
    'POST /v2/list-agents': (request) => listOf(request, this.agents()),
  };

  constructor(
    private readonly desk: CallDesk,
    createCall: CreateCall,
    private readonly apiKey: string,
  ) {
    this.placing = new Placing(desk, createCall);
    this.refusals = new RateWindow(MINUTE_MS, desk.limits.refusalsPerMinute);
  }

  /** Whoever is refused too often is refused whatever comes next. */
  async answer(request: JsonRequest): Promise<Reply> {
    const isPlacement = request.method === 'POST' && request.path === '/v2/create-phone-call';
    const refused = this.turnAway(request);
    const reply = isPlacement
      ? await (refused === undefined ? this.placing.answer(request) : this.placing.turnAway(request, refused))
      : (refused ?? this.read(request));
    if (typeof reply === 'object' && reply.status >= 400 && reply.status < 500) this.refusals.add();
    return reply;
  }

  private turnAway({ headers }: JsonRequest): Reply | undefined {
    if (headers.authorization !== `Bearer ${this.apiKey}`) return unauthorized();
    return this.refusals.isExceeded ? rateLimited() : undefined;
  }

  private read(request: JsonRequest): Reply {
    const fault = this.desk.faults.takeRead();
    if (fault !== undefined) return typeof fault === 'object' ? failure(fault.status) : fault;
    const [, prefix, id = ''] = /^(\/v2\/(?:get|stop)-call\/)([^/]+)$/.exec(request.path) ?? [];
    const route = this.routes[`${request.method} ${prefix ?? request.path}`];
    return route?.(request, id) ?? refusal(404, `Cannot ${request.method} ${request.path}`);
  }

  private readCall(id: string): Reply {
    const call = this.desk.calls.get(id);
    return call?.isVisible === true ? { status: 200, body: call.toWire() } : noSuchAsset();
  }

  private stopCall(id: string): Reply {
    const call = this.desk.calls.get(id);
    if (call === undefined) return noSuchAsset();
    const isStopped = this.desk.lifecycle.hangUp(call, 'manual_stopped');
    return isStopped ? { status: 204 } : refusal(400, 'The call is not ongoing.');
  }

  private listCalls(body: Json): Reply {
    const wrong = listFaultOf(body);
    return wrong === undefined ? { status: 200, body: listCalls(this.desk.calls.values(), body) } : refusal(400, wrong);
  }

  private concurrency(): Json {
    const { concurrency } = this.desk.limits;
    return {
      current_concurrency: this.desk.records.liveCalls,
      concurrency_limit: concurrency,
      base_concurrency: concurrency,
      purchased_concurrency: 0,
      concurrency_purchase_limit: 100,
      remaining_purchase_limit: 100,
      concurrency_burst_enabled: false,
      concurrency_burst_limit: 0,
      reserved_inbound_concurrency: 0,
    };
  }

  private phoneNumbers(): readonly Json[] {
    return [...this.desk.phoneNumbers.values()].map(({ number, type, nickname, allowedCountries }) => ({
      phone_number: number,
      phone_number_type: type,
      nickname: nickname ?? null,
      allowed_outbound_country_list: allowedCountries ?? null,
      outbound_agents: null,
      inbound_agents: null,
      // A trunk of the customer's own brings its user name along.
      ...(type === 'custom' && { sip_outbound_trunk_config: { auth_username: 'sandbox-trunk-user' } }),
      last_modification_timestamp: CHANGED_BEFORE_ALL,
    }));
  }

  private agents(): readonly Json[] {
    return [...this.desk.agents.values()].map(({ id, name, channel = 'voice' }) => ({
      agent_id: id,
      agent_name: name,
      channel,
      tags: {},
      user_modified_timestamp: CHANGED_BEFORE_ALL,
    }));
  }
}

function listOf({ query }: JsonRequest, items: readonly Json[]): Reply {
  const unknown = [...query.keys()].find((key) => !['limit', 'pagination_key', 'sort_order'].includes(key));
  if (unknown !== undefined) return refusal(400, `request/query must NOT have additional property '${unknown}'`);
  const key = query.get('pagination_key') ?? undefined;
  return { status: 200, body: pageOf(items, { limit: query.get('limit') ?? undefined, key }) };
}
