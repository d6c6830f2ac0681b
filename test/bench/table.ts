import type { Answer, Goal, Measurement, Ratio } from './question';
import { median, spread } from './statistics';

/** What one question brought. */
export interface Chapter {
  readonly name: string;
  readonly asks: string;
  readonly answer: Answer;
}

type Row = readonly string[];

/** The answers as text: medians, how far the iterations lie apart, and for a goal whether it is met. */
export function toTable(chapters: readonly Chapter[]): string {
  return chapters.map(chapterText).join('');
}

/** Whether the median keeps the promise; undefined without one. */
export function isMet({ values, goal }: Pick<Ratio, 'values' | 'goal'>): boolean | undefined {
  if (!goal) return undefined;
  const value = median(values);
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

function chapterText({ name, asks, answer }: Chapter): string {
  const rows = [...answer.measurements.map(measurementRow), ...answer.ratios.map(ratioRow)];
  const remarks = (answer.remarks ?? []).map((remark) => `  ${remark}\n`).join('');
  return `\n${name}: ${asks}\n${align(rows)}${remarks}`;
}

function measurementRow({ what, unit, values }: Measurement): Row {
  return [what, `${figure(median(values))} ${unit}`, spreadText(values), ''];
}

function ratioRow(ratio: Ratio): Row {
  const { what, values, goal } = ratio;
  const verdict = goal ? `${goalText(goal)} ${isMet(ratio) ? 'met' : 'MISSED'}` : '';
  return [what, `${figure(median(values))} ×`, spreadText(values), verdict];
}

function goalText(goal: Goal): string {
  return 'atMost' in goal ? `≤ ${String(goal.atMost)}` : `≥ ${String(goal.atLeast)}`;
}

function spreadText(values: readonly number[]): string {
  if (values.length < 2) return '';
  const { least, most } = spread(values);
  return `${figure(least)} … ${figure(most)}`;
}

/** Three digits or more that count: some goals lie two hundredths from 1. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size >= 10) return value.toFixed(1);
  return size >= 1 || size === 0 ? value.toFixed(3) : value.toPrecision(3);
}

function align(rows: readonly Row[]): string {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => `  ${line(row).join('  ').trimEnd()}\n`).join('');
}
