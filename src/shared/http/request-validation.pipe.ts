import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { Violation } from '../kernel/domain-error';
import { RequestInvalid } from './request.errors';

type Schema = NonNullable<ArgumentMetadata['schema']>;
type Issue = Extract<
  Awaited<ReturnType<Schema['~standard']['validate']>>,
  { issues: readonly unknown[] }
>['issues'][number];

/** Problems that one answer names at most: who sent more has seen enough. */
const MAX_VIOLATIONS = 100;
/** Far deeper than anybody's data, far less than what exhausts the stack of whatever walks through it. */
const MAX_DEPTH = 100;

/** Validates bodies, queries and parameters against the schema beside them and hands on what the schema made of them. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!metadata.schema || metadata.type === 'custom') return value;
    const unstorable = unstorableParts(value, metadata.data ?? '');
    if (unstorable.length > 0) throw new RequestInvalid(unstorable.slice(0, MAX_VIOLATIONS));
    const result = await metadata.schema['~standard'].validate(value);
    if (result.issues) throw new RequestInvalid(toViolations(result.issues, metadata.data));
    return result.value;
  }
}

/** Names each issue by its path; an unknown property is named itself, not the object that contains it. */
export function toViolations(issues: readonly Issue[], parameter?: string): Violation[] {
  return issues.flatMap((issue) => toViolation(issue, parameter)).slice(0, MAX_VIOLATIONS);
}

function toViolation(issue: Issue, parameter: string | undefined): Violation[] {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  const path = [...(parameter ? [parameter] : []), ...keys];
  if ('keys' in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({ path: [...path, String(key)].join('.'), message: 'Unknown property' }));
  }
  return [{ path: path.join('.'), message: issue.message }];
}

/** PostgreSQL stores neither U+0000 nor half a surrogate pair; finding them here makes them a refusal, not a failure. */
function unstorableParts(value: unknown, path: string, depth = 0): Violation[] {
  if (typeof value === 'string') {
    return isStorable(value) ? [] : [{ path, message: 'Contains characters that cannot be stored' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth >= MAX_DEPTH) return [{ path, message: `Is nested more than ${MAX_DEPTH} levels deep` }];
  return Object.entries(value).flatMap(([key, child]) => {
    const childPath = path ? `${path}.${key}` : key;
    if (!isStorable(key)) return [{ path, message: 'A property name contains characters that cannot be stored' }];
    return unstorableParts(child, childPath, depth + 1);
  });
}

const UNSTORABLE = /\0|\p{Surrogate}/u;

function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
