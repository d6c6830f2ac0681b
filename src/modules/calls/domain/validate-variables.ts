import type { Violation } from '../../../shared/kernel/domain-error';
import { isExistingDate } from './calendar';
import type { ParamValue, TemplateParam, TemplateParams } from './template-params';

/** The longest text a variable may hold when its param names no `maxLength`, in characters. */
export const MAX_TEXT_LENGTH = 4_000;

export type Variables = Readonly<Record<string, ParamValue>>;

export type VariablesCheck =
  | { readonly ok: true; readonly variables: Variables }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** A template as far as its variables go. */
export interface VariablesDefinition {
  readonly params: TemplateParams;
  /** Params that it leaves out follow those that it names. */
  readonly paramsOrder: readonly string[];
}

/**
 * Holds a call's variables against its template: nothing missing, nothing unknown, every value of its type and
 * bounds. The result has defaults filled in and is in the template's order. Violations name every offending variable
 * as `customVariables.<name>`. Never throws, whatever `given` and the params contain: calls and templates that users
 * insert themselves come here as they are.
 */
export function validateVariables({ params, paramsOrder }: VariablesDefinition, given: unknown): VariablesCheck {
  if (!isRecord(given)) return { ok: false, violations: [violation('', 'must be an object')] };
  if (!isRecord(params)) return { ok: false, violations: [violation('', 'have no sound definition in the template')] };
  const entries: [string, ParamValue][] = [];
  const violations = Object.keys(given)
    .filter((name) => !Object.hasOwn(params, name))
    .map((name) => violation(name, 'is not a variable of the template'));
  for (const [name, param] of inOrder(params, paramsOrder)) {
    const value = Object.hasOwn(given, name) ? given[name] : defaultOf(param);
    const problem = value === undefined ? problemOfAbsence(param) : problemOf(param, value);
    if (problem) violations.push(violation(name, problem));
    else if (value !== undefined) entries.push([name, value as ParamValue]);
  }
  return violations.length > 0 ? { ok: false, violations } : { ok: true, variables: Object.fromEntries(entries) };
}

/** What is wrong with a value for the param, in words for the caller; undefined when nothing is. */
export function problemOf(param: TemplateParam, value: unknown): string | undefined {
  if (!isSound(param)) return 'has no sound definition in the template';
  if (!isOfType(param, value)) return `must be ${TYPE_WORDS[param.type]}`;
  if (typeof value === 'string') {
    const problem = problemOfText(value, param.maxLength ?? MAX_TEXT_LENGTH);
    if (problem) return problem;
  }
  return param.enum && !param.enum.includes(value) ? `must be one of ${param.enum.join(', ')}` : undefined;
}

const TYPE_WORDS: Readonly<Record<TemplateParam['type'], string>> = {
  string: 'a text',
  number: 'a finite number',
  boolean: 'true or false',
  date: 'an existing ISO 8601 date or date-time',
};

function isOfType({ type }: TemplateParam, value: unknown): value is ParamValue {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && isExistingDate(value);
  }
}

/** The database cannot keep NUL or half a surrogate pair in JSON; the length counts characters, not code units. */
function problemOfText(text: string, maxLength: number): string | undefined {
  if (/\0|\p{Surrogate}/u.test(text)) return 'must not contain NUL or broken characters';
  return [...text].length > maxLength ? `must have at most ${String(maxLength)} characters` : undefined;
}

/** Templates that did not come through the API may hold anything. */
function isSound(param: unknown): param is TemplateParam {
  if (!isRecord(param) || typeof param['type'] !== 'string' || !Object.hasOwn(TYPE_WORDS, param['type'])) return false;
  const { maxLength, enum: choices } = param;
  return (maxLength == null || typeof maxLength === 'number') && (choices == null || areSimple(choices));
}

function areSimple(choices: unknown): boolean {
  return Array.isArray(choices) && choices.every((choice) => typeof choice !== 'object');
}

function defaultOf(param: unknown): unknown {
  return isRecord(param) ? param['default'] : undefined;
}

function problemOfAbsence(param: TemplateParam): string | undefined {
  if (!isSound(param)) return problemOf(param, undefined);
  return param.required ? 'is required' : undefined;
}

function inOrder(params: TemplateParams, order: readonly string[]): [string, TemplateParam][] {
  const names = [...order.filter((name) => Object.hasOwn(params, name)), ...Object.keys(params)];
  return [...new Set(names)].map((name) => [name, params[name] as TemplateParam]);
}

function violation(name: string, message: string): Violation {
  return { path: name === '' ? 'customVariables' : `customVariables.${name}`, message };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
