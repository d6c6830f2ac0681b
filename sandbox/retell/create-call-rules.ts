import { isObject, type Json } from '../kit/json';
import { AGENT_PROPERTIES, CALL_PROPERTIES, OVERRIDE_PROPERTIES, WEBHOOK_EVENTS } from './call-properties';

const E164 = /^\+[1-9]\d{6,14}$/;
const MAX_METADATA_BYTES = 50_000;

/** The first fault of a POST /v2/create-phone-call, in the words of Retell's validation; undefined for a sound one. */
export function faultOf(body: unknown): string | undefined {
  if (!isObject(body)) return 'request/body must be object';
  return [
    ...unknownProperties(body, CALL_PROPERTIES, ''),
    ...phoneNumber(body, 'from_number', body.ignore_e164_validation !== true),
    ...phoneNumber(body, 'to_number', true),
    ...texts(body, 'retell_llm_dynamic_variables'),
    ...texts(body, 'custom_sip_headers'),
    ...metadata(body.metadata),
    ...typed(body, 'ignore_e164_validation', 'boolean'),
    ...typed(body, 'override_agent_id', 'string'),
    ...nested(body, 'agent_override', '', overrideFaults),
  ][0];
}

function overrideFaults(override: Json, path: string): readonly string[] {
  return [
    ...unknownProperties(override, OVERRIDE_PROPERTIES, path),
    ...nested(override, 'agent', path, agentFaults),
    ...nested(override, 'retell_llm', path, () => []),
    ...nested(override, 'conversation_flow', path, () => []),
  ];
}

function agentFaults(agent: Json, path: string): readonly string[] {
  return [
    ...unknownProperties(agent, AGENT_PROPERTIES, path),
    ...range(agent, 'max_call_duration_ms', [60_000, 7_200_000], path),
    ...range(agent, 'ring_duration_ms', [5_000, 300_000], path),
    ...range(agent, 'webhook_timeout_ms', [1, 600_000], path),
    ...webhookUrl(agent.webhook_url, path),
    ...webhookEvents(agent.webhook_events, path),
  ];
}

function webhookUrl(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  return typeof value === 'string' && URL.canParse(value)
    ? []
    : [`request/body${path}/webhook_url must be a valid URL`];
}

function webhookEvents(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const isSound = Array.isArray(value) && value.every((event) => (WEBHOOK_EVENTS as unknown[]).includes(event));
  return isSound ? [] : [`request/body${path}/webhook_events must be equal to one of the allowed values`];
}

function metadata(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return ['request/body/metadata must be object'];
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes <= MAX_METADATA_BYTES
    ? []
    : [`request/body/metadata must NOT be larger than ${MAX_METADATA_BYTES} bytes`];
}

function phoneNumber(body: Json, key: string, isChecked: boolean): readonly string[] {
  const value = body[key];
  if (value === undefined) return [`request/body must have required property '${key}'`];
  if (typeof value !== 'string') return [`request/body/${key} must be string`];
  const isSound = value !== '' && (!isChecked || E164.test(value));
  return isSound ? [] : [`request/body/${key} must be a valid phone number in E.164 format`];
}

/** Texts by name; numbers and booleans are refused. */
function texts(body: Json, key: string): readonly string[] {
  const value = body[key];
  if (value === undefined) return [];
  if (!isObject(value)) return [`request/body/${key} must be object`];
  const wrong = Object.keys(value).find((name) => typeof value[name] !== 'string');
  return wrong === undefined ? [] : [`request/body/${key}/${wrong} must be string`];
}

function typed(body: Json, key: string, type: 'string' | 'boolean'): readonly string[] {
  const isSound = body[key] === undefined || (typeof body[key] === type && body[key] !== '');
  return isSound ? [] : [`request/body/${key} must be ${type}`];
}

function unknownProperties(value: Json, known: readonly string[], path: string): readonly string[] {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  return unknown.map((key) => `request/body${path} must NOT have additional property '${key}'`);
}

function nested(
  value: Json,
  key: string,
  path: string,
  check: (inner: Json, path: string) => readonly string[],
): readonly string[] {
  const inner = value[key];
  if (inner === undefined) return [];
  return isObject(inner) ? check(inner, `${path}/${key}`) : [`request/body${path}/${key} must be object`];
}

function range(value: Json, key: string, [min, max]: readonly [number, number], path: string): readonly string[] {
  const inner = value[key];
  if (inner === undefined) return [];
  if (!Number.isInteger(inner)) return [`request/body${path}/${key} must be integer`];
  if (Number(inner) < min) return [`request/body${path}/${key} must be >= ${min}`];
  return Number(inner) > max ? [`request/body${path}/${key} must be <= ${max}`] : [];
}
