import type { Call, CallRecord, Usage } from './api-types';
import type { Order } from './order-calls';
import { clock, fit, type Screen } from './screen';

/** What is left to tell when all calls have ended. */
export interface Results {
  readonly order: Order;
  readonly calls: readonly Call[];
  readonly records: readonly CallRecord[];
  readonly usage: Usage;
}

/** One call with its entry in the history; without one where the call was never placed. */
interface Row {
  readonly name: string;
  readonly number: string;
  readonly outcome: string;
  readonly seconds: number;
  readonly cost: number;
  readonly transcript: string;
}

export function report(screen: Screen, results: Results): void {
  const rows = toRows(results);
  for (const row of twoToRead(rows)) showTranscript(screen, row);
  showHistory(screen, rows);
  showUsage(screen, results.usage);
}

function toRows({ order, calls, records }: Results): readonly Row[] {
  return order.accepted.map(({ id, name, number }) => {
    const record = records.find(({ callQueueId }) => callQueueId === id);
    const outcome = record?.outcome ?? endOf(calls.find((call) => call.id === id));
    return { name, number, outcome, ...talkOf(record) };
  });
}

function talkOf(record: CallRecord | undefined): Pick<Row, 'seconds' | 'cost' | 'transcript'> {
  return {
    seconds: record?.durationSeconds ?? 0,
    cost: record?.cost?.amount ?? 0,
    transcript: record?.transcript?.trim() ?? '',
  };
}

function endOf(call: Call | undefined): string {
  return call?.failure?.code ?? call?.status ?? 'lost';
}

/** A conversation, and a machine that took a message where there was one. */
function twoToRead(rows: readonly Row[]): readonly Row[] {
  const spoken = rows.filter(({ transcript }) => transcript !== '');
  const conversations = spoken.filter(({ outcome }) => outcome === 'completed');
  const machines = spoken.filter(({ outcome }) => outcome === 'voicemail');
  return [...conversations.slice(0, 1), ...machines.slice(0, 1), ...conversations.slice(1)].slice(0, 2);
}

function showTranscript(screen: Screen, { name, outcome, seconds, transcript }: Row): void {
  screen.section(`Transcript: ${name}, ${words(outcome)}, ${clock(seconds)}`);
  for (const line of transcript.split('\n')) screen.line(`  ${line}`);
}

function showHistory(screen: Screen, rows: readonly Row[]): void {
  screen.section('History (GET /v1/call-history)');
  screen.line('  who                   number        outcome           talked     cost');
  for (const row of rows) {
    const who = `${row.name.padEnd(20)}  ${row.number}  ${fit(words(row.outcome), 16).padEnd(16)}`;
    screen.line(`  ${who}  ${clock(row.seconds).padStart(6)}  ${price(row.cost).padStart(7)}`);
  }
  const seconds = clock(sum(rows.map((row) => row.seconds))).padStart(6);
  const cost = price(sum(rows.map((row) => row.cost))).padStart(7);
  screen.line(`  ${`${rows.length} calls`.padEnd(52)}  ${seconds}  ${cost}`);
}

function showUsage(screen: Screen, usage: Usage): void {
  screen.section('Usage this month (GET /v1/usage)');
  const row = (what: string, used: number, reserved: number, remaining: number | null): void =>
    screen.line(
      `  ${what.padEnd(8)}  used ${String(used).padStart(3)}   reserved ${reserved}   remaining ${remaining ?? 'unlimited'}`,
    );
  row('calls', usage.callsUsed, usage.callsReserved, usage.callsRemaining);
  row('minutes', usage.minutesUsed, usage.minutesReserved, usage.minutesRemaining);
  screen.line(screen.paint('dim', '  Each call counts in whole minutes, rounded up.'));
}

/** Codes as people read them. */
function words(code: string): string {
  return code.replaceAll('_', ' ');
}

function price(amount: number): string {
  return `$${amount.toFixed(3)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
