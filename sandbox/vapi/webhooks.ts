import { text } from '../kit/json';
import type { Timers } from '../kit/timers';
import type { Message } from '../kit/webhook-sender';
import type { WebhookStreams } from '../kit/webhook-streams';
import type { WebhookFault } from '../kit/faults';
import { ORGANIZATION_ID } from './defaults';
import type { SandboxCall } from './sandbox-call';
import { targetOf } from './webhook-target';

type Body = Record<string, unknown>;

const REPORT_AFTER_SECONDS = 2;

/** Tells the world about calls, in Vapi's shapes. */
export class Webhooks {
  constructor(
    private readonly streams: WebhookStreams,
    private readonly timers: Timers,
  ) {}

  open(call: SandboxCall, fault: WebhookFault | undefined): void {
    const wanted = call.overrides.serverMessages;
    this.streams.open(call.id, { target: targetOf(call), wanted: Array.isArray(wanted) ? wanted : undefined, fault });
  }

  statusChanged(call: SandboxCall): void {
    this.streams.tell(call.id, toMessage(statusUpdate(call)));
    if (call.isLive) return;
    this.timers.after(REPORT_AFTER_SECONDS, () => {
      this.streams.tell(call.id, toMessage(endOfCallReport(call)));
      this.streams.letGo(call.id);
    });
  }

  /** Says the end once more, as a vendor may at any time. */
  repeatEnd(call: SandboxCall): void {
    this.streams.repeat(call.id, [statusUpdate(call), endOfCallReport(call)].map(toMessage));
  }
}

function statusUpdate(call: SandboxCall): Body {
  return {
    ...frame(call),
    type: 'status-update',
    status: call.status,
    ...(call.status === 'ended' && { endedReason: call.endedReason }),
  };
}

function endOfCallReport(call: SandboxCall): Body {
  const ending = call.ending();
  return {
    ...frame(call),
    type: 'end-of-call-report',
    ...ending,
    cost: call.cost(),
    ...(call.startedAt && { startedAt: call.startedAt.toISOString() }),
    ...(call.endedAt && { endedAt: call.endedAt.toISOString() }),
    // Vapi sends these too, without naming them in its types.
    durationMs: call.durationSeconds * 1000,
    durationSeconds: call.durationSeconds,
    durationMinutes: call.durationSeconds / 60,
    summary: ending.analysis.summary,
    transcript: ending.artifact.transcript,
    recordingUrl: ending.artifact.recordingUrl,
  };
}

/** What every message carries; the phone number brings the carrier's secrets along, as Vapi's does. */
function frame(call: SandboxCall): Body {
  return {
    timestamp: Date.now(),
    call: { ...call.snapshot(), status: 'ringing' },
    customer: call.request.customer,
    assistant: { name: call.assistant.name, ...call.overrides },
    phoneNumber: phoneNumberWire(call.phoneNumber),
  };
}

function toMessage(body: Body): Message {
  return { type: String(body.type), status: text(body.status), body: { message: body } };
}

/** A number as the vendor shows it, secrets included. */
export function phoneNumberWire({ provider, ...phoneNumber }: SandboxCall['phoneNumber']): Body {
  const common = {
    orgId: ORGANIZATION_ID,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    provider,
    ...phoneNumber,
  };
  if (provider !== 'twilio') return common;
  return { ...common, twilioAccountSid: 'AC-sandbox-account', twilioAuthToken: 'sandbox-carrier-secret' };
}
