import type { Call, CallAttempt } from '../../domain/call';
import type { CallRecord } from '../../domain/call-record';
import type { CallRecordView } from './call-history.schemas';
import type { AttemptView, CallView } from './calls.schemas';

const MICROS_PER_UNIT = 1_000_000;

export function toCallView(call: Call): CallView {
  return {
    id: call.id,
    status: call.status,
    recipientNumber: call.recipientNumber,
    scheduledTime: call.scheduledTime?.toISOString() ?? null,
    templateId: call.templateId,
    providerId: call.providerId,
    customVariables: call.customVariables,
    callId: call.callId,
    failure: call.failure,
    createdAt: call.createdAt.toISOString(),
    updatedAt: call.updatedAt.toISOString(),
  };
}

export function toAttemptView(attempt: CallAttempt): AttemptView {
  return {
    id: attempt.id,
    providerId: attempt.providerId,
    phoneNumberId: attempt.phoneNumberId,
    state: attempt.state,
    callId: attempt.callId,
    outcome: attempt.outcome,
    createdAt: attempt.createdAt.toISOString(),
    endedAt: attempt.endedAt?.toISOString() ?? null,
  };
}

export function toCallRecordView(record: CallRecord): CallRecordView {
  const { costMicros, currency, startedAt, endedAt, createdAt, ...rest } = record;
  return {
    ...rest,
    startedAt: startedAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
    cost: costMicros === null || currency === null ? null : { amount: costMicros / MICROS_PER_UNIT, currency },
    createdAt: createdAt.toISOString(),
  };
}
