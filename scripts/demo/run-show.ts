import { finishEarlierRun } from './finish-earlier-run';
import { followCalls } from './follow-calls';
import { gatherEvidence } from './gather-evidence';
import { LiveDisplay } from './live-display';
import { moveToBasic } from './move-to-basic';
import { type Customer, findCustomer, type Order, orderCalls } from './order-calls';
import { PlainDisplay } from './plain-display';
import { report } from './report';
import type { Screen } from './screen';
import { type Evidence, problemsOf } from './verdict';
import { readQueue, type World } from './world';

export interface Show {
  readonly customer: Customer;
  readonly order: Order;
  /** Where the customer manages what was bought. */
  readonly portalUrl: string;
  /** Broken promises; none when all is well. */
  readonly problems: readonly string[];
}

/** Queues calls for a demo user, shows them move, tells what became of them, and has the user buy a larger plan. */
export async function runShow(world: World, screen: Screen, speed: number): Promise<Show> {
  await introduce(world, screen);
  await finishEarlierRun(world, (line) => screen.line(`  ${line}`));
  const customer = await findCustomer(world);
  const { plan } = customer;
  if (customer.isNew) screen.line('  The demo user has not enough left this month: another one signs up.');
  screen.line(
    `  User        ${customer.userId}, plan "${plan.name}": ${limit(plan.callLimit)} calls, ${limit(plan.minutesLimit)} minutes a month`,
  );
  const order = await orderCalls(world, customer);
  announce(order, screen, speed);
  const display = screen.isLive ? new LiveDisplay(screen, speed) : new PlainDisplay(screen);
  try {
    await followCalls(world, customer, order, display);
  } finally {
    display.finish();
  }
  const evidence = await gatherEvidence(world, customer, order);
  report(screen, { ...evidence, order });
  const broken = conclude(evidence, order, screen);
  const { portalUrl, problems } = await moveToBasic(world, customer, screen);
  for (const problem of problems) screen.line(screen.paint('red', `  ✗ ${problem}`));
  if (problems.length === 0) screen.line(`  ${screen.paint('green', '✓')} the plan and its limits follow the payment`);
  return { customer, order, portalUrl, problems: [...broken, ...problems] };
}

async function introduce(world: World, screen: Screen): Promise<void> {
  const { limit: slots } = await readQueue(world);
  const assistants = world.assistants.map(({ name }) => name).join(', ');
  screen.line(`  Provider    ${world.provider.name}, a stand-in on this machine: ${slots} calls at once`);
  screen.line(`  Assistants  ${assistants}`);
}

function announce({ accepted, rejected }: Order, screen: Screen, speed: number): void {
  for (const { name, number, detail } of rejected) screen.line(`  Refused     ${name}, ${number}: ${detail}`);
  screen.section(
    `${accepted.length} calls are queued in one batch. No phone rings; their clock runs ${speed} times as fast.`,
  );
}

function conclude(evidence: Evidence, { accepted, rejected }: Order, screen: Screen): readonly string[] {
  const refused = rejected.map(({ number, detail }) => `refused: ${number}: ${detail}`);
  const problems = [...refused, ...problemsOf(evidence)];
  screen.section(
    problems.length === 0 ? "Proof, from the stand-in's own record and from the ledger" : 'Broken promises',
  );
  for (const problem of problems) screen.line(screen.paint('red', `  ✗ ${problem}`));
  if (problems.length > 0) return problems;
  const { standIn, concurrencyLimit, entries } = evidence;
  for (const line of [
    `${accepted.length} calls were queued, and each of the ${accepted.length} numbers was dialed exactly once`,
    `never more than ${standIn.maxLiveCalls} calls at once; the provider allows ${concurrencyLimit}`,
    `every call ended, and the ledger's ${entries.length} lines add up to the usage above`,
  ]) {
    screen.line(`  ${screen.paint('green', '✓')} ${line}`);
  }
  return problems;
}

function limit(value: number | null): string {
  return value === null ? 'unlimited' : String(value);
}
