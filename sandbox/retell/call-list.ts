import { isObject, type Json, object } from '../kit/json';
import { LIST_PROPERTIES } from './call-properties';
import type { SandboxCall } from './sandbox-call';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

type Comparison = (told: string, value: string) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  eq: (told, value) => told === value,
  ne: (told, value) => told !== value,
  sw: (told, value) => told.startsWith(value),
  ew: (told, value) => told.endsWith(value),
  co: (told, value) => told.includes(value),
};

const NUMBER_COMPARISONS: Readonly<Record<string, (told: number, value: number) => boolean>> = {
  eq: (told, value) => told === value,
  ne: (told, value) => told !== value,
  gt: (told, value) => told > value,
  ge: (told, value) => told >= value,
  lt: (told, value) => told < value,
  le: (told, value) => told <= value,
};

const TEXT_FILTERS = ['call_id', 'from_number', 'to_number'];
const FILTERS = [...TEXT_FILTERS, 'call_status', 'metadata'];

/** What is wrong with a POST /v3/list-calls; undefined for a sound one. Only some of Retell's filters are known here. */
export function listFaultOf(body: Json): string | undefined {
  const unknown = Object.keys(body).find((key) => !(LIST_PROPERTIES as string[]).includes(key));
  if (unknown !== undefined) return `request/body must NOT have additional property '${unknown}'`;
  if (body.skip !== undefined && body.pagination_key !== undefined) {
    return 'request/body must not have both skip and pagination_key';
  }
  const limit = body.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || Number(limit) < 1) return 'request/body/limit must be a positive integer';
  if (Number(limit) > MAX_LIMIT) return `request/body/limit must be <= ${MAX_LIMIT}`;
  return body.filter_criteria === undefined ? undefined : filterFaultOf(body.filter_criteria);
}

function filterFaultOf(criteria: unknown): string | undefined {
  const path = 'request/body/filter_criteria';
  if (!isObject(criteria)) return `${path} must be object`;
  const unknown = Object.keys(criteria).find((key) => !FILTERS.includes(key));
  if (unknown !== undefined) return `${path} must NOT have additional property '${unknown}'`;
  const { metadata = [], call_status: status } = criteria;
  if (!Array.isArray(metadata)) return `${path}/metadata must be array`;
  const isSound =
    TEXT_FILTERS.every((key) => criteria[key] === undefined || isTextFilter(criteria[key])) &&
    metadata.every((filter) => isTextFilter(filter) || isNumberFilter(filter));
  if (!isSound) return `${path} must match a schema in anyOf`;
  if (!metadata.every((filter) => typeof object(filter).key === 'string')) {
    return `${path}/metadata must have required property 'key'`;
  }
  return status === undefined || isStatusFilter(status) ? undefined : `${path}/call_status must match its schema`;
}

function isTextFilter(filter: unknown): boolean {
  const { type, op, value } = object(filter);
  return type === 'string' && typeof op === 'string' && Object.hasOwn(COMPARISONS, op) && typeof value === 'string';
}

function isNumberFilter(filter: unknown): boolean {
  const { type, op, value } = object(filter);
  const isKnown = typeof op === 'string' && Object.hasOwn(NUMBER_COMPARISONS, op);
  return type === 'number' && isKnown && typeof value === 'number';
}

/** Calls that are only registered cannot be asked for. */
function isStatusFilter(filter: unknown): boolean {
  const { type, op, value } = object(filter);
  const known = ['not_connected', 'ongoing', 'ended', 'error'];
  return type === 'enum' && op === 'in' && Array.isArray(value) && value.every((one) => known.includes(one as string));
}

/** A page of the calls that match, the newest first unless asked otherwise. */
export function listCalls(calls: Iterable<SandboxCall>, body: Json): Json {
  const criteria = object(body.filter_criteria);
  const found = [...calls].filter((call) => call.isVisible && matches(call.toListed(), criteria));
  if (body.sort_order !== 'ascending') found.reverse();
  const items = found.map((call) => call.toListed());
  const page = pageOf(items, { limit: body.limit, key: body.pagination_key, skip: body.skip });
  return body.include_total === true ? { ...page, total: items.length } : page;
}

function matches(call: Json, criteria: Json): boolean {
  const { metadata = [], call_status: status } = criteria;
  const byText = TEXT_FILTERS.every((key) => criteria[key] === undefined || compare(call[key], criteria[key]));
  const byStatus = status === undefined || (object(status).value as unknown[]).includes(call.call_status);
  const byMetadata = (metadata as Json[]).every((filter) => compare(object(call.metadata)[String(filter.key)], filter));
  return byText && byStatus && byMetadata;
}

function compare(told: unknown, filter: unknown): boolean {
  const { type, op, value } = object(filter);
  if (type === 'number') {
    return typeof told === 'number' && NUMBER_COMPARISONS[String(op)]?.(told, Number(value)) === true;
  }
  return typeof told === 'string' && COMPARISONS[String(op)]?.(told, String(value)) === true;
}

/** One page of any list, and the key of the next one. */
export function pageOf(
  items: readonly Json[],
  { limit, key, skip }: { readonly limit?: unknown; readonly key?: unknown; readonly skip?: unknown },
): Json {
  const from = typeof key === 'string' ? Number(Buffer.from(key, 'base64url').toString()) : Number(skip ?? 0);
  const to = from + Number(limit ?? DEFAULT_LIMIT);
  const hasMore = to < items.length;
  return {
    items: items.slice(from, to),
    has_more: hasMore,
    ...(hasMore && { pagination_key: Buffer.from(String(to)).toString('base64url') }),
  };
}
