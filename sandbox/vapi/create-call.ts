import type { Desk } from '../kit/desk';
import { drawScript } from '../kit/desk';
import { isObject, type Json, object, text } from '../kit/json';
import type { Reply } from '../kit/json-server';
import type { PlacingVendor, PostLabels } from '../kit/placing';
import { RateWindow } from '../kit/rate-window';
import { ENDINGS } from './call-script';
import { faultsOf } from './create-call-rules';
import type { SandboxAssistant, SandboxPhoneNumber } from './defaults';
import type { AnswerFault, MessageType } from './faults';
import type { Journal } from './journal';
import { failure, noSuchAssistant, noSuchPhoneNumber, overLimit, rateLimited, refusal, refusalFor } from './refusals';
import { attemptIdOf, SandboxCall } from './sandbox-call';
import type { Webhooks } from './webhooks';

const MINUTE_MS = 60_000;

/** What Vapi's routes work with. */
export interface CallDesk extends Desk<SandboxCall, AnswerFault, MessageType> {
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  readonly assistants: ReadonlyMap<string, SandboxAssistant>;
  readonly phoneNumbers: ReadonlyMap<string, SandboxPhoneNumber>;
  readonly limits: { readonly concurrency: number; readonly postsPerMinute: number };
  readonly controlUrl: (callId: string) => string;
}

/** POST /call: refuses what Vapi would refuse, in its words, else creates one call. */
export class CreateCall implements PlacingVendor<SandboxCall, AnswerFault> {
  readonly idField = 'id';
  /** Vapi counts per minute of the clock, not per sliding minute. */
  private readonly posts: RateWindow;

  constructor(private readonly desk: CallDesk) {
    this.posts = new RateWindow(MINUTE_MS, desk.limits.postsPerMinute);
  }

  labelsOf(body: Json): PostLabels {
    return {
      number: text(object(body.customer).number),
      attemptId: attemptIdOf(body),
      phoneNumberId: text(body.phoneNumberId),
      assistantId: text(body.assistantId),
    };
  }

  refuse(body: unknown, fault: AnswerFault | undefined): Reply | undefined {
    const { phoneNumberId = '', assistantId = '' } = object(body) as Partial<Record<string, string>>;
    const ordered = fault && refusalFor(fault, { phoneNumberId, assistantId });
    if (ordered !== undefined) return ordered;
    this.posts.add();
    if (this.posts.isExceeded) return rateLimited();
    if (!isObject(body)) return refusal(400, ['body must be an object']);
    const faults = faultsOf(body);
    if (faults.length > 0) return refusal(400, faults);
    return this.refuseUnknown(body) ?? (this.isFull() ? overLimit() : undefined);
  }

  create(body: Json): SandboxCall {
    const { faults, calls, lifecycle, webhooks, assistants, phoneNumbers, journal, controlUrl } = this.desk;
    const assistant = assistants.get(body.assistantId as string);
    const phoneNumber = phoneNumbers.get(body.phoneNumberId as string);
    if (assistant === undefined || phoneNumber === undefined) throw new Error('checked before');
    const { number } = this.labelsOf(body);
    const script = drawScript(this.desk, ENDINGS, { request: body, number });
    const call = new SandboxCall(body, { assistant, phoneNumber }, script, controlUrl);
    calls.set(call.id, call);
    journal.add(call);
    webhooks.open(call, faults.takeWebhooks(number));
    lifecycle.begin(call);
    return call;
  }

  created(call: SandboxCall, fault: AnswerFault | undefined): { status: number; body: Json } {
    const { limits, records } = this.desk;
    const subscriptionLimits = {
      concurrencyBlocked: fault?.kind === 'concurrency-blocked',
      concurrencyLimit: limits.concurrency,
      remainingConcurrentCalls: Math.max(limits.concurrency - records.liveCalls, -1),
    };
    return { status: 201, body: { subscriptionLimits, ...call.toWire() } };
  }

  failure(status: number): Reply {
    return failure(status);
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
}
