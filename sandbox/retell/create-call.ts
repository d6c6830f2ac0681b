import { type Desk, drawScript } from '../kit/desk';
import { type Json, object, text } from '../kit/json';
import type { Reply } from '../kit/json-server';
import type { PlacingVendor, PostLabels } from '../kit/placing';
import { RateWindow } from '../kit/rate-window';
import { ENDINGS } from './call-script';
import { faultOf } from './create-call-rules';
import type { SandboxAgent, SandboxPhoneNumber } from './defaults';
import type { AnswerFault, EventType } from './faults';
import { failure, noSuchAsset, noSuchPhoneNumber, overLimit, rateLimited, refusal, refusalFor } from './refusals';
import { attemptIdOf, SandboxCall } from './sandbox-call';
import type { Webhooks } from './webhooks';

const POSTS_WINDOW_MS = 10_000;

/** What Retell's routes work with. */
export interface CallDesk extends Desk<SandboxCall, AnswerFault, EventType> {
  readonly webhooks: Webhooks;
  readonly agents: ReadonlyMap<string, SandboxAgent>;
  readonly phoneNumbers: ReadonlyMap<string, SandboxPhoneNumber>;
  readonly limits: {
    readonly concurrency: number;
    readonly postsPerTenSeconds: number;
    readonly refusalsPerMinute: number;
  };
}

/** POST /v2/create-phone-call: refuses what Retell would refuse, in its words, else creates one call. */
export class CreateCall implements PlacingVendor<SandboxCall, AnswerFault> {
  readonly idField = 'call_id';
  private readonly posts: RateWindow;

  constructor(private readonly desk: CallDesk) {
    this.posts = new RateWindow(POSTS_WINDOW_MS, desk.limits.postsPerTenSeconds);
  }

  labelsOf(body: Json): PostLabels {
    return {
      number: text(body.to_number),
      attemptId: attemptIdOf(body),
      phoneNumberId: text(body.from_number),
      assistantId: text(body.override_agent_id),
    };
  }

  refuse(body: unknown, fault: AnswerFault | undefined): Reply | undefined {
    const { phoneNumberId: fromNumber = '', assistantId: agentId = '' } = this.labelsOf(object(body));
    const ordered = fault && refusalFor(fault, { fromNumber, agentId });
    if (ordered !== undefined) return ordered;
    this.posts.add();
    if (this.posts.isExceeded) return rateLimited();
    const wrong = faultOf(body);
    if (wrong !== undefined) return refusal(400, wrong);
    return this.refuseUnknown(fromNumber, agentId) ?? (this.isFull() ? overLimit() : undefined);
  }

  create(body: Json): SandboxCall {
    const { agents, calls, faults, lifecycle, webhooks } = this.desk;
    const { number, assistantId = '' } = this.labelsOf(body);
    const agent = agents.get(assistantId);
    if (agent === undefined) throw new Error('checked before');
    const call = new SandboxCall(body, agent, drawScript(this.desk, ENDINGS, { request: body, number }));
    calls.set(call.id, call);
    webhooks.open(call, faults.takeWebhooks(number));
    lifecycle.begin(call);
    return call;
  }

  /** As the call was when it was registered, even if it has ended meanwhile. */
  created(call: SandboxCall): { status: number; body: Json } {
    const { call_id, call_type, direction, agent_id, agent_name, agent_version } = call.toListed();
    const { from_number, to_number, metadata, retell_llm_dynamic_variables } = call.request;
    return {
      status: 201,
      body: {
        ...{ call_id, call_type, direction, agent_id, agent_name, agent_version, call_status: 'registered' },
        ...{ from_number, to_number, metadata, retell_llm_dynamic_variables },
      },
    };
  }

  failure(status: number): Reply {
    return failure(status);
  }

  private refuseUnknown(fromNumber: string, agentId: string): Reply | undefined {
    if (!this.desk.phoneNumbers.has(fromNumber)) return noSuchPhoneNumber(fromNumber);
    // No number here has an agent of its own for outbound calls.
    if (agentId === '') return refusal(400, 'No outbound agent id set up for phone number.');
    return this.isVoice(agentId) ? undefined : noSuchAsset();
  }

  private isVoice(agentId: string): boolean {
    const agent = this.desk.agents.get(agentId);
    return agent !== undefined && agent.channel !== 'chat';
  }

  private isFull(): boolean {
    return this.desk.records.liveCalls >= this.desk.limits.concurrency;
  }
}
