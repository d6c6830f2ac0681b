import type { JsonRequest, Reply } from '../kit/json-server';
import type { Random } from '../kit/random';
import type { Timers } from '../kit/timers';
import { randomScript, type CallScript } from './call-script';
import { faultsOf, isObject } from './create-call-rules';
import type { SandboxAssistant, SandboxPhoneNumber } from './defaults';
import type { AnswerFault, Faults } from './faults';
import type { Journal } from './journal';
import type { Lifecycle } from './lifecycle';
import type { Records } from './records';
import { noSuchAssistant, noSuchPhoneNumber, overLimit, rateLimited, refusal, refusalFor } from './refusals';
import { attemptIdOf, object, SandboxCall } from './sandbox-call';
import type { Webhooks } from './webhooks';

type Json = Record<string, unknown>;

/** What POST /call works with. */
export interface CallDesk {
  readonly calls: Map<string, SandboxCall>;
  readonly faults: Faults;
  readonly records: Records;
  readonly lifecycle: Lifecycle;
  readonly webhooks: Webhooks;
  readonly timers: Timers;
  readonly random: Random;
  readonly assistants: ReadonlyMap<string, SandboxAssistant>;
  readonly phoneNumbers: ReadonlyMap<string, SandboxPhoneNumber>;
  readonly limits: { readonly concurrency: number; readonly postsPerMinute: number };
  readonly script: ((request: Json) => Partial<CallScript> | undefined) | undefined;
  readonly controlUrl: (callId: string) => string;
  readonly journal: Journal;
}

/** POST /call: refuses what Vapi would refuse, in its words, else creates one call. */
export class CreateCall {
  private minute = 0;
  private postsInMinute = 0;

  constructor(private readonly desk: CallDesk) {}

  async answer(request: JsonRequest): Promise<Reply> {
    const body = object(request.body);
    const customer = object(body.customer);
    const post = this.desk.records.postArrived({
      number: text(customer.number),
      attemptId: attemptIdOf(body),
      phoneNumberId: text(body.phoneNumberId),
      assistantId: text(body.assistantId),
      body: request.body,
    });
    const fault = this.desk.faults.takeAnswer(post.number);
    const refused = this.refuse(request.body, fault);
    if (refused === undefined) {
      const call = this.create(body);
      post.callId = call.id;
      return this.leave(request, post, await this.answerCreated(call, fault));
    }
    return this.leave(request, post, refused);
  }

  private leave(request: JsonRequest, post: ReturnType<Records['postArrived']>, reply: Reply): Reply {
    if (typeof reply === 'object') this.desk.records.postLeft(post, reply.status);
    else request.whenClosed(() => this.desk.records.postLeft(post, undefined));
    return reply;
  }

  private refuse(body: unknown, fault: AnswerFault | undefined): Reply | undefined {
    const { phoneNumberId = '', assistantId = '' } = object(body) as Partial<Record<string, string>>;
    const ordered = fault && refusalFor(fault, { phoneNumberId, assistantId });
    if (ordered !== undefined) return ordered;
    if (this.isTooFast()) return rateLimited();
    if (!isObject(body)) return refusal(400, ['body must be an object']);
    const faults = faultsOf(body);
    if (faults.length > 0) return refusal(400, faults);
    return this.refuseUnknown(body) ?? (this.isFull() ? overLimit() : undefined);
  }

  /** Strict where a caller could otherwise go wrong unnoticed: no batches, no plans, no transient assistants. */
  private refuseUnknown(body: Json): Reply | undefined {
    const { assistantId, phoneNumberId, customer } = body;
    if (typeof assistantId !== 'string')
      return refusal(400, 'Need Either `assistantId`, `assistant`, `squadId`, Or `squad`.');
    if (typeof phoneNumberId !== 'string') return refusal(400, 'Need Either `phoneNumberId` Or `phoneNumber`.');
    if (customer === undefined) return refusal(400, 'Need Either `customerId` Or `customer`.');
    if (!this.desk.assistants.has(assistantId)) return noSuchAssistant(assistantId);
    if (this.desk.phoneNumbers.get(phoneNumberId)?.number === undefined) return noSuchPhoneNumber(phoneNumberId);
    return undefined;
  }

  private isFull(): boolean {
    return this.desk.records.liveCalls >= this.desk.limits.concurrency;
  }

  /** Vapi counts per minute of the clock, not per sliding minute. */
  private isTooFast(): boolean {
    const minute = Math.floor(Date.now() / 60_000);
    this.postsInMinute = minute === this.minute ? this.postsInMinute + 1 : 1;
    this.minute = minute;
    return this.postsInMinute > this.desk.limits.postsPerMinute;
  }

  private create(body: Json): SandboxCall {
    const { faults, calls, lifecycle, webhooks, assistants, phoneNumbers } = this.desk;
    const assistant = assistants.get(body.assistantId as string);
    const phoneNumber = phoneNumbers.get(body.phoneNumberId as string);
    if (assistant === undefined || phoneNumber === undefined) throw new Error('checked before');
    const number = text(object(body.customer).number);
    const script = { ...randomScript(this.desk.random), ...this.desk.script?.(body), ...faults.takeScript(number) };
    const call = new SandboxCall(body, { assistant, phoneNumber }, script, this.desk.controlUrl);
    calls.set(call.id, call);
    this.desk.journal.add(call);
    webhooks.open(call, faults.takeWebhooks(number));
    lifecycle.begin(call);
    return call;
  }

  private async answerCreated(call: SandboxCall, fault: AnswerFault | undefined): Promise<Reply> {
    if (this.desk.webhooks.isEarly(call)) await this.desk.webhooks.firstTried(call);
    if (fault?.kind === 'slow-answer') await this.desk.timers.pauseMs(fault.delayMs);
    const created = this.created(call, fault);
    return fault === undefined ? created : spoiled(created, fault);
  }

  private created(call: SandboxCall, fault: AnswerFault | undefined): { status: number; body: Json } {
    const { limits, records } = this.desk;
    const subscriptionLimits = {
      concurrencyBlocked: fault?.kind === 'concurrency-blocked',
      concurrencyLimit: limits.concurrency,
      remainingConcurrentCalls: Math.max(limits.concurrency - records.liveCalls, -1),
    };
    return { status: 201, body: { subscriptionLimits, ...call.toWire() } };
  }
}

/** What arrives of a good answer when the fault comes after the call was created. */
function spoiled(created: { status: number; body: Json }, fault: AnswerFault): Reply {
  switch (fault.kind) {
    case 'error-after':
      return refusal(fault.status ?? 500, 'Internal server error');
    case 'lost-answer':
      return 'cut';
    case 'hang-after':
      return 'silence';
    case 'no-id':
      return { status: 201, body: { ...created.body, id: undefined } };
    case 'empty-answer':
      return { status: 201 };
    default:
      return created;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
