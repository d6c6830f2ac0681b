import type { CommonAnswerFault, Faults } from './faults';
import type { JsonRequest, Reply } from './json-server';
import { type Json, object } from './json';
import type { ReceivedPost, Records } from './records';
import type { StandInCall } from './stand-in-call';
import type { Timers } from './timers';
import type { WebhookStreams } from './webhook-streams';

/** What a vendor's POST says of itself. */
export type PostLabels = Pick<ReceivedPost, 'number' | 'attemptId' | 'phoneNumberId' | 'assistantId'>;

/** What of a placement differs from vendor to vendor. */
export interface PlacingVendor<Call extends StandInCall, Fault> {
  labelsOf(body: Json): PostLabels;
  /** The refusal of a request, by order or because it is wrong; undefined for one to go on with. */
  refuse(body: unknown, fault: Fault | undefined): Reply | undefined;
  create(body: Json): Call;
  /** The answer to a call that was created. */
  created(call: Call, fault: Fault | undefined): { readonly status: number; readonly body: Json };
  /** An error of the vendor's own. */
  failure(status: number): Reply;
  /** The member of the answer that names the call. */
  readonly idField: string;
}

interface PlacingDesk<Fault extends { readonly kind: string }, Type extends string> {
  readonly faults: Faults<Fault, Type>;
  readonly records: Records;
  readonly timers: Timers;
  readonly streams: WebhookStreams;
}

/** The POST that places a call: written down first, refused, spoiled on order, or answered. */
export class Placing<Call extends StandInCall, Fault extends { readonly kind: string }, Type extends string> {
  constructor(
    private readonly desk: PlacingDesk<Fault, Type>,
    private readonly vendor: PlacingVendor<Call, Fault>,
  ) {}

  async answer(request: JsonRequest): Promise<Reply> {
    const body = object(request.body);
    const post = this.arrived(request, this.vendor.labelsOf(body));
    const fault = this.desk.faults.takeAnswer(post.number);
    const refused = this.vendor.refuse(request.body, fault);
    if (refused !== undefined) return this.leave(request, post, refused);
    const call = this.vendor.create(body);
    post.callId = call.id;
    return this.leave(request, post, await this.answerCreated(call, fault));
  }

  /** A wrong key is no placement, but it is a POST that somebody sent. */
  turnAway(request: JsonRequest, reply: Reply): Reply {
    const unread = { number: undefined, attemptId: undefined, phoneNumberId: undefined, assistantId: undefined };
    return this.leave(request, this.arrived(request, unread), reply);
  }

  private arrived(request: JsonRequest, labels: PostLabels): ReceivedPost {
    return this.desk.records.postArrived({ ...labels, body: request.body });
  }

  private leave(request: JsonRequest, post: ReceivedPost, reply: Reply): Reply {
    if (typeof reply === 'object') this.desk.records.postLeft(post, reply.status);
    else request.whenClosed(() => this.desk.records.postLeft(post, undefined));
    return reply;
  }

  private async answerCreated(call: Call, fault: Fault | undefined): Promise<Reply> {
    const { streams, timers } = this.desk;
    if (streams.isEarly(call.id)) await streams.firstTried(call.id);
    const common = fault as { readonly kind: string } as CommonAnswerFault | undefined;
    if (common?.kind === 'slow-answer') await timers.pauseMs(common.delayMs);
    const created = this.vendor.created(call, fault);
    return common === undefined ? created : this.spoiled(created, common);
  }

  /** What arrives of a good answer when the fault comes after the call was created. */
  private spoiled(created: { readonly status: number; readonly body: Json }, fault: CommonAnswerFault): Reply {
    switch (fault.kind) {
      case 'error-after':
        return this.vendor.failure(fault.status ?? 500);
      case 'lost-answer':
        return 'cut';
      case 'hang-after':
        return 'silence';
      case 'no-id':
        return { status: created.status, body: { ...created.body, [this.vendor.idField]: undefined } };
      case 'empty-answer':
        return { status: created.status };
      default:
        return created;
    }
  }
}
