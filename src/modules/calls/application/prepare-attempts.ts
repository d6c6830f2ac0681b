import { Injectable } from '@nestjs/common';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import { assignCalls, type Assignment, type Capacity, lacksLine } from '../domain/assign-calls';
import type { Failure } from '../domain/failure';
import { maxDurationSeconds, wholeMinutes } from '../domain/minutes';
import { CheckDueCalls, type FitCall } from './check-due-calls';
import { DispatchSettings } from './dispatch-settings';
import type { DueCall } from './ports/dispatch-queue.port';

/** An attempt that is ready to be placed once its claim has committed. */
export interface PreparedAttempt {
  readonly id: string;
  readonly callQueueId: string;
  readonly providerId: string;
  readonly phoneNumber: { readonly id: string; readonly externalId: string; readonly fullNumber: string };
  readonly assistant: { readonly id: string; readonly externalId: string };
  readonly to: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly reservedMinutes: number;
  readonly maxDurationSeconds: number;
  /** By this process's own clock, in milliseconds since the epoch. */
  readonly preparedAtMs: number;
}

export interface Preparation {
  readonly attempts: readonly PreparedAttempt[];
  readonly failures: readonly { readonly callId: string; readonly failure: Failure }[];
  /** Calls that wait because no number of a provider with room for them may call their country. */
  readonly undialable: readonly { readonly callId: string; readonly country: string }[];
}

/** Turns due calls into attempts: checks them, assigns them, and reserves what they may use. */
@Injectable()
export class PrepareAttempts {
  constructor(
    private readonly checkDueCalls: CheckDueCalls,
    private readonly ledger: UsageLedger,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(calls: readonly DueCall[], capacities: readonly Capacity[]): Promise<Preparation> {
    const { fit, failures } = this.checkDueCalls.execute(calls);
    const wishes = assignCalls(fit, capacities).map((assignment) => ({ id: crypto.randomUUID(), ...assignment }));
    const reservations = await this.reserve(wishes);
    const attempts: PreparedAttempt[] = [];
    const unfunded: { callId: string; failure: Failure }[] = [];
    for (const wish of wishes) {
      const minutes = reservations.get(wish.id);
      if (minutes === undefined) unfunded.push({ callId: wish.call.id, failure: QUOTA_EXCEEDED });
      else attempts.push(this.prepare(wish, minutes));
    }
    const undialable = fit.filter((call) => lacksLine(call, capacities));
    return {
      attempts,
      failures: [...failures, ...unfunded],
      undialable: undialable.map(({ id, country }) => ({ callId: id, country })),
    };
  }

  /** The minutes granted to each attempt; attempts that got nothing are absent. */
  private async reserve(wishes: readonly Wish[]): Promise<ReadonlyMap<string, number>> {
    const reservations = await this.ledger.reserve(
      wishes.map(({ id, call }) => ({
        attemptId: id,
        callQueueId: call.id,
        userId: call.userId,
        minutes: wholeMinutes(this.allowedSeconds(call)),
      })),
    );
    return new Map(
      reservations.flatMap((answer) => (answer.granted ? [[answer.attemptId, answer.minutes] as const] : [])),
    );
  }

  private prepare({ id, call, providerId, phoneNumber, assistant }: Wish, reservedMinutes: number): PreparedAttempt {
    return {
      id,
      callQueueId: call.id,
      providerId,
      phoneNumber,
      assistant,
      to: call.recipientNumber,
      variables: call.variables,
      reservedMinutes,
      maxDurationSeconds: maxDurationSeconds(this.allowedSeconds(call), reservedMinutes),
      preparedAtMs: Date.now(),
    };
  }

  private allowedSeconds(call: FitCall): number {
    return call.template.maxDurationSeconds ?? this.settings.defaultMaxCallSeconds;
  }
}

type Wish = Assignment<FitCall> & { readonly id: string };

const QUOTA_EXCEEDED: Failure = { code: 'quota_exceeded', detail: 'The allowance of the current period is used up.' };
