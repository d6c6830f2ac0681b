import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const PROJECT = join(__dirname, '../..');

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
  }[];
}

/** A row of the table in docs/metrics.md. */
export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** Prometheus' own tool, where it is installed. */
export const promtool = process.env['PROMTOOL'] || 'promtool';

export const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
export const exists = (path: string): boolean => existsSync(join(PROJECT, path));

export function alertRules(): readonly AlertRule[] {
  const { groups } = parse(read('ops/prometheus/alerts.yml')) as {
    groups: readonly { readonly rules: readonly AlertRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

/** The names of the alerts that `promtool test rules` sees fire. */
export function testedAlerts(): readonly string[] {
  const { tests } = parse(read('ops/prometheus/alerts.test.yml')) as {
    tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[] }[];
  };
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  return cases.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname);
}

export function dashboard(): Dashboard {
  return JSON.parse(read('ops/grafana/ringonce.json')) as Dashboard;
}

export function documentedMetrics(): readonly DocumentedMetric[] {
  return read('docs/metrics.md')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .flatMap(([, name, type, labels]) => {
      const match = /^`(ringonce_\w+)`$/.exec(name ?? '');
      if (!match?.[1]) return [];
      return [{ name: match[1], type: type ?? '', labels: labels ? labels.split(', ') : [] }];
    });
}

/** The metrics that an expression reads, each with the labels that it asks of it. */
export function selectorsIn(
  expression: string,
): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  const selectors = expression.matchAll(/\b((?:ringonce|nodejs|process)_\w+)(?:\{([^}]*)\})?/g);
  return [...selectors].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  }));
}

/** The labels by which an expression groups and joins. */
export function groupingsIn(expression: string): readonly string[] {
  const lists = expression.matchAll(/\b(?:by|on|group_left) \(([^)]*)\)/g);
  return [...lists].flatMap(([, list = '']) => list.split(',').map((label) => label.trim())).filter(Boolean);
}

/** The number that an expression compares with at its end; NaN where it compares two metrics. */
export function thresholdOf(expression: string): number {
  const compared = expression.replace(/ (and|unless) on \(\) .*$/, '').matchAll(/(?:==|>|<)\s*([\d.]+)/g);
  return Number([...compared].at(-1)?.[1] ?? NaN);
}
