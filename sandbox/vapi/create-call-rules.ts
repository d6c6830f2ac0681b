import {
  BACKOFF_PROPERTIES,
  CALL_PROPERTIES,
  CUSTOMER_PROPERTIES,
  OVERRIDE_PROPERTIES,
  SERVER_MESSAGES,
  SERVER_PROPERTIES,
} from './call-properties';
import { isObject, type Json as Body } from '../kit/json';

const E164 = /^\+[1-9]\d{6,14}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Every fault of a POST /call in the words of Vapi's validation; empty for a sound request. */
export function faultsOf(body: Body): readonly string[] {
  return [
    ...unknownProperties(body, CALL_PROPERTIES, ''),
    ...text(body, 'name', 40, ''),
    ...uuid(body, 'assistantId'),
    ...uuid(body, 'phoneNumberId'),
    ...customerFaults(body.customer),
    ...nested(body, 'assistantOverrides', '', overrideFaults),
  ];
}

function customerFaults(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return ['customer must be an object'];
  const checksNumber = value.numberE164CheckEnabled !== false;
  return [
    ...unknownProperties(value, CUSTOMER_PROPERTIES, 'customer.'),
    ...text(value, 'name', 40, 'customer.'),
    ...text(value, 'externalId', 40, 'customer.'),
    ...(checksNumber && !(typeof value.number === 'string' && E164.test(value.number))
      ? [
          'customer.number must be a valid phone number in the E.164 format. ' +
            'Hot tip, you may be missing the country code (Eg. US: +1).',
        ]
      : []),
    ...nested(value, 'assistantOverrides', 'customer.', overrideFaults),
  ];
}

function overrideFaults(overrides: Body, path: string): readonly string[] {
  return [
    ...unknownProperties(overrides, OVERRIDE_PROPERTIES, path),
    ...optional(overrides, 'maxDurationSeconds', () => range(overrides, 'maxDurationSeconds', [10, 43_200], path)),
    ...record(overrides, 'variableValues', path),
    ...record(overrides, 'metadata', path),
    ...serverMessageFaults(overrides.serverMessages, path),
    ...nested(overrides, 'server', path, serverFaults),
  ];
}

function serverMessageFaults(value: unknown, path: string): readonly string[] {
  if (value === undefined) return [];
  const isSound = Array.isArray(value) && value.every((entry) => SERVER_MESSAGES.has(entry as string));
  return isSound
    ? []
    : [`each value in ${path}serverMessages must be one of the following values: ${[...SERVER_MESSAGES].join(', ')}`];
}

function serverFaults(server: Body, path: string): readonly string[] {
  return [
    ...unknownProperties(server, SERVER_PROPERTIES, path),
    ...optional(server, 'timeoutSeconds', () => range(server, 'timeoutSeconds', [1, 300], path)),
    ...record(server, 'headers', path),
    ...(typeof server.url === 'string' && URL.canParse(server.url) ? [] : [`${path}url must be a valid URL`]),
    ...nested(server, 'backoffPlan', path, backoffFaults),
  ];
}

function backoffFaults(plan: Body, path: string): readonly string[] {
  const isKnownType = plan.type === 'fixed' || plan.type === 'exponential';
  return [
    ...unknownProperties(plan, BACKOFF_PROPERTIES, path),
    ...(isKnownType ? [] : [`${path}type must be one of the following values: fixed, exponential`]),
    ...range(plan, 'maxRetries', [0, 10], path),
    ...range(plan, 'baseDelaySeconds', [0, 10], path),
  ];
}

function unknownProperties(value: Body, known: readonly string[], path: string): readonly string[] {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  // Vapi names the property of a nested object with its parents in front.
  return unknown.map((key) => `${path}property ${key} should not exist`);
}

function nested(
  value: Body,
  key: string,
  path: string,
  check: (inner: Body, path: string) => readonly string[],
): readonly string[] {
  const inner = value[key];
  if (inner === undefined) return [];
  return isObject(inner) ? check(inner, `${path}${key}.`) : [`${path}${key} must be an object`];
}

function text(value: Body, key: string, maxLength: number, path: string): readonly string[] {
  const inner = value[key];
  if (inner === undefined) return [];
  if (typeof inner !== 'string') return [`${path}${key} must be a string`];
  return inner.length <= maxLength ? [] : [`${path}${key} must be shorter than or equal to ${maxLength} characters`];
}

function uuid(value: Body, key: string): readonly string[] {
  const inner = value[key];
  return inner === undefined || (typeof inner === 'string' && UUID.test(inner)) ? [] : [`${key} must be a UUID`];
}

function optional(value: Body, key: string, check: () => readonly string[]): readonly string[] {
  return value[key] === undefined ? [] : check();
}

function range(value: Body, key: string, [min, max]: readonly [number, number], path: string): readonly string[] {
  const inner = value[key];
  if (typeof inner !== 'number') return [`${path}${key} must be a number conforming to the specified constraints`];
  if (inner < min) return [`${path}${key} must not be less than ${min}`];
  return inner > max ? [`${path}${key} must not be greater than ${max}`] : [];
}

function record(value: Body, key: string, path: string): readonly string[] {
  return value[key] === undefined || isObject(value[key]) ? [] : [`${path}${key} must be an object`];
}
