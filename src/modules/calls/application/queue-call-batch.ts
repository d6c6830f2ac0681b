import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Allowance } from '../domain/allowance';
import type { NewCall } from '../domain/call';
import type { TemplateTerms } from '../domain/template';
import { CallRules } from './call-rules';
import { CallStep } from './observed-facts';
import { CallRequests } from './ports/call-requests.port';

export interface BatchOrder {
  readonly templateId: string;
  readonly calls: readonly NewCall[];
}

/** `index` is the position in the order. */
export interface BatchAnswer {
  readonly accepted: readonly { readonly index: number; readonly id: string }[];
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly detail: string }[];
}

type Verdict = { readonly call: NewCall } | { readonly refusal: DomainError };

/** Queues what can be queued of many calls of one template, together and in order, and tells why for the rest. */
@Injectable()
export class QueueCallBatch {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: CallRules,
    private readonly requests: CallRequests,
    private readonly events: DomainEvents,
  ) {}

  /** @throws UserInactive, TemplateNotFound, QueuedCallsLimitReached when others queued meanwhile */
  execute(claims: UserClaims, order: BatchOrder): Promise<BatchAnswer> {
    return this.unitOfWork.run(async () => {
      const { template, allowance } = await this.rules.admit(claims, order.templateId);
      const verdicts = order.calls.map((call) => this.judge(template, allowance, call));
      const calls = verdicts.flatMap((verdict) => ('call' in verdict ? [verdict.call] : []));
      const ids = calls.length === 0 ? [] : await this.requests.addAll(claims, template.id, calls);
      await this.events.publish(...ids.map((id) => new CallStep('call.queued', id)));
      return toAnswer(verdicts, ids);
    });
  }

  private judge(template: TemplateTerms, allowance: Allowance, call: NewCall): Verdict {
    try {
      const checked = this.rules.requireContent(template, call);
      const refusal = allowance.take(call.scheduledTime);
      return refusal ? { refusal } : { call: checked };
    } catch (error) {
      if (error instanceof DomainError) return { refusal: error };
      throw error;
    }
  }
}

/** `ids` are those of the accepted calls, in order. */
function toAnswer(verdicts: readonly Verdict[], ids: readonly string[]): BatchAnswer {
  const remaining = ids.values();
  const rows = verdicts.map((verdict, index) =>
    'refusal' in verdict
      ? { index, code: verdict.refusal.code, detail: verdict.refusal.message }
      : { index, id: remaining.next().value ?? '' },
  );
  return {
    accepted: rows.filter((row): row is BatchAnswer['accepted'][number] => 'id' in row),
    rejected: rows.filter((row): row is BatchAnswer['rejected'][number] => 'code' in row),
  };
}
