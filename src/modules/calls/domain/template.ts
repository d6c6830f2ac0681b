import type { Violation } from '../../../shared/kernel/domain-error';
import type { TemplateParam, TemplateParams } from './template-params';
import { problemOf } from './validate-variables';

/** What a template's owner decides. */
export interface TemplateContent {
  readonly name: string;
  readonly description: string;
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly isPublic: boolean;
  /** Pins every call of the template to one provider. */
  readonly providerId: string | null;
  readonly assistantId: string | null;
  /** Assistants that say the same at further providers, at most one per provider. */
  readonly fallbackAssistantIds: readonly string[];
  readonly params: TemplateParams;
  /** The params' names in the order they are asked. */
  readonly paramsOrder: readonly string[];
  /** Null = the service's default. */
  readonly maxDurationSeconds: number | null;
}

export interface CallTemplate extends TemplateContent {
  readonly id: string;
  /** Null once its user is erased. */
  readonly createdBy: string | null;
}

/** What a template demands of a call. */
export type TemplateTerms = Pick<CallTemplate, 'id' | 'providerId' | 'params' | 'paramsOrder'>;

/** Absent or undefined parts stay as they are. */
export type TemplateChange = { readonly [Part in keyof TemplateContent]?: TemplateContent[Part] | undefined };

/** A template's content after a change. New params without an order of their own are asked in the order given. */
export function changeContent(content: TemplateContent, change: TemplateChange): TemplateContent {
  const paramsOrder = change.paramsOrder ?? (change.params ? Object.keys(change.params) : content.paramsOrder);
  const given = Object.entries({ ...change, paramsOrder }).filter(([, value]) => value !== undefined);
  return { ...content, ...(Object.fromEntries(given) as Partial<TemplateContent>) };
}

/** Checks that a template's params make sense in themselves. Empty when they do. */
export function problemsOfParams(params: TemplateParams, order: readonly string[]): readonly Violation[] {
  return [
    ...problemsOfOrder(params, order),
    ...Object.entries(params).flatMap(([name, param]) =>
      problemsOfParam(param).map(({ path, message }) => ({ path: `params.${name}.${path}`, message })),
    ),
  ];
}

function problemsOfOrder(params: TemplateParams, order: readonly string[]): readonly Violation[] {
  const listed = new Set(order);
  const isComplete = listed.size === order.length && Object.keys(params).length === order.length;
  return isComplete && order.every((name) => Object.hasOwn(params, name))
    ? []
    : [{ path: 'paramsOrder', message: 'must list the name of every param exactly once' }];
}

function problemsOfParam(param: TemplateParam): readonly Violation[] {
  const problems: Violation[] = [];
  if (param.maxLength !== undefined && param.type !== 'string')
    problems.push({ path: 'maxLength', message: 'is for texts only' });
  for (const [index, value] of (param.enum ?? []).entries()) {
    const problem = problemOf({ ...param, enum: undefined }, value);
    if (problem) problems.push({ path: `enum.${String(index)}`, message: problem });
  }
  const problem = param.default === undefined ? undefined : problemOf(param, param.default);
  if (problem) problems.push({ path: 'default', message: problem });
  return problems;
}
