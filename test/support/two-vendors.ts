import type { ReceivedPost } from '../../sandbox/kit/records';
import type { RetellSandbox, RetellSandboxOptions } from '../../sandbox/retell/retell-sandbox';
import type { VapiSandbox, VapiSandboxOptions } from '../../sandbox/vapi/vapi-sandbox';
import { type Account, DispatchWorld, type WorldOptions } from './dispatch-world';

export interface TwoVendorsOptions extends Pick<WorldOptions, 'instances' | 'environment'> {
  /** How many calls at once we allow the first and the second provider. */
  readonly limits: readonly [number, number];
  readonly vapi?: Partial<VapiSandboxOptions>;
  readonly retell?: Partial<RetellSandboxOptions>;
  /** Of the template; two minutes by default. */
  readonly maxDurationSeconds?: number;
}

/** One request for a call, and who got it. */
export interface AskedCall extends ReceivedPost {
  readonly at: 'first' | 'second';
}

/** The whole service with an account at Vapi, asked first, and one at Retell; both can say the world's template. */
export class TwoVendors {
  private constructor(
    readonly world: DispatchWorld,
    readonly second: Account<RetellSandbox>,
  ) {}

  static async start({ limits, vapi, retell, maxDurationSeconds = 120, ...options }: TwoVendorsOptions) {
    const sandbox = vapi ? { sandbox: vapi } : {};
    const world = await DispatchWorld.start({ ...options, ...sandbox, concurrencyLimit: limits[0] });
    const second = await world.addRetellAccount('second', 2, limits[1], retell);
    world.templateId = await world.addTemplate({
      assistantId: world.account.assistantIds[0],
      fallbackAssistantIds: [second.assistantIds[0]],
      maxDurationSeconds,
    });
    return new TwoVendors(world, second);
  }

  get first(): Account {
    return this.world.account;
  }

  get sandboxes(): readonly [VapiSandbox, RetellSandbox] {
    return [this.first.sandbox, this.second.sandbox];
  }

  /** Every request that reached a vendor, in the order of arrival, by the number to be called. */
  asked(): ReadonlyMap<string, readonly AskedCall[]> {
    const [first, second] = this.sandboxes;
    const all = [
      ...first.posts.map((post): AskedCall => ({ ...post, at: 'first' })),
      ...second.posts.map((post): AskedCall => ({ ...post, at: 'second' })),
    ].sort((a, b) => a.arrivedAtMs - b.arrivedAtMs);
    const byNumber = new Map<string, AskedCall[]>();
    for (const post of all) {
      const { number = 'no number' } = post;
      byNumber.set(number, [...(byNumber.get(number) ?? []), post]);
    }
    return byNumber;
  }

  /** How often each number was dialled, by both vendors together. */
  dialsTo(number: string): number {
    return this.sandboxes.reduce((dials, sandbox) => dials + sandbox.dialsTo(number), 0);
  }

  /** Numbers for which a vendor was asked although an earlier request for them was not certainly refused. */
  askedInDoubt(): readonly string[] {
    return [...this.asked()]
      .filter(([, posts]) => posts.slice(0, -1).some((post) => !isRefused(post)))
      .map(([number]) => number);
  }

  /** `number call-id`, one for each call that a vendor has created, sorted. */
  createdCalls(): readonly string[] {
    const [first, second] = this.sandboxes;
    return [...first.calls, ...second.calls].map(({ customerNumber, id }) => `${customerNumber} ${id}`).sort();
  }

  /** `number call-id`, one for each entry of the call history, sorted. */
  async history(): Promise<readonly string[]> {
    const rows = await this.world.database.query<{ entry: string }>(
      `select recipient_number || ' ' || call_id as entry from user_call_history`,
    );
    return rows.map(({ entry }) => entry).sort();
  }

  /** Slots that the service counts as taken, of the first and of the second provider. */
  async slotsInUse(): Promise<readonly number[]> {
    const { providers } = await this.world.admin('GET', '/v1/admin/queue');
    return (providers as { inUse: number }[]).map(({ inUse }) => inUse);
  }

  /** The totals of all periods, what the lines of the ledger sum up to, and attempts without exactly one begin and end. */
  async ledger(): Promise<{ totals: LedgerSums; lines: LedgerSums; oddAttempts: number }> {
    const { database } = this.world;
    const [totals] = await database.query<LedgerSums>(
      `select sum(calls_used)::int as calls, sum(minutes_used)::int as minutes, sum(calls_reserved)::int as "reservedCalls",
              sum(minutes_reserved)::int as "reservedMinutes" from user_call_usage`,
    );
    const [lines] = await database.query<LedgerSums>(
      `select sum(calls) filter (where kind in ('settle', 'adjust'))::int as calls,
              sum(minutes) filter (where kind in ('settle', 'adjust'))::int as minutes,
              sum(reserved_calls)::int as "reservedCalls", sum(reserved_minutes)::int as "reservedMinutes"
         from usage_ledger_entries`,
    );
    const odd = await database.query(
      `select attempt.id from call_attempts as attempt left join usage_ledger_entries as line on line.attempt_id = attempt.id
        group by attempt.id
       having array_agg(line.kind order by line.kind) not in ('{reserve,settle}', '{release,reserve}')`,
    );
    return { totals: totals!, lines: lines!, oddAttempts: odd.length };
  }

  stop(): Promise<void> {
    return this.world.stop();
  }
}

export interface LedgerSums {
  readonly calls: number;
  readonly minutes: number;
  readonly reservedCalls: number;
  readonly reservedMinutes: number;
}

/** Both stand-ins say with 400 to 499 that no call was created; a 5xx, a cut and silence say nothing. */
export function isRefused({ answeredStatus = 0 }: ReceivedPost): boolean {
  return answeredStatus >= 400 && answeredStatus < 500;
}
