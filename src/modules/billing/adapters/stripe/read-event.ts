import { createHash } from 'node:crypto';
import Stripe from 'stripe';
import { storable } from '../../../../shared/kernel/storable';
import type { PaymentEvent, PaymentWebhook } from '../../application/ports/payment-gateway.port';
import { PaymentWebhookRefused } from '../../domain/billing.errors';
import { asUserId, userIdIn } from './metadata';

/** An older signature may be somebody's copy. */
const TOLERANCE_SECONDS = 300;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a webhook that was signed with one of the secrets, over its very bytes. The library would also build the event,
 * but refuses to for thin ones; here everything that is signed is an event.
 * @throws PaymentWebhookRefused
 */
export function readEvent({ headers, rawBody }: PaymentWebhook, secrets: readonly string[]): PaymentEvent {
  const signature = headers['stripe-signature'];
  if (signature === undefined || !secrets.some((secret) => isSigned(rawBody, signature, secret))) {
    throw new PaymentWebhookRefused();
  }
  return toEvent(rawBody);
}

function isSigned(rawBody: Uint8Array, header: string, secret: string): boolean {
  try {
    return Stripe.webhooks.signature?.verifyHeader(rawBody, header, secret, TOLERANCE_SECONDS) ?? false;
  } catch {
    return false;
  }
}

function toEvent(rawBody: Uint8Array): PaymentEvent {
  const payload = fieldsOf(storable(parse(rawBody)));
  const object = objectOf(payload);
  const created = payload['created'];
  return {
    id: textOr(payload['id'], `body_${createHash('sha256').update(rawBody).digest('hex')}`),
    type: textOr(payload['type'], 'unknown'),
    apiVersion: textOr(payload['api_version'], null),
    createdAt: dateOf(typeof created === 'number' ? created * 1_000 : created),
    customerId: customerIn(object),
    userId: userIn(object),
    payload: gist(payload, object),
  };
}

/**
 * What is kept of an event besides whom it is about, for whoever looks into one: which object, how it was, and which of
 * its fields had changed. The rest may hold addresses, pages that are as good as a key, and secrets of payments.
 */
function gist(payload: Fields, object: Fields): Fields {
  const changed = Object.keys(fieldsOf(fieldsOf(payload['data'])['previous_attributes'])).sort();
  const livemode = payload['livemode'];
  return {
    ...(typeof livemode === 'boolean' && { livemode }),
    object: {
      id: textOr(object['id'], null),
      object: textOr(object['object'], null),
      status: textOr(object['status'], null),
      subscription: subscriptionIn(object),
    },
    ...(changed.length > 0 && { changed }),
  };
}

function parse(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString('utf8'));
  } catch {
    throw new PaymentWebhookRefused();
  }
}

/** What the event is about. A thin event carries only its kind and its id. */
function objectOf(payload: Fields): Fields {
  const related = fieldsOf(payload['related_object']);
  if (related['type'] === 'customer') return { object: 'customer', id: related['id'] };
  return fieldsOf(fieldsOf(payload['data'])['object']);
}

function customerIn(object: Fields): string | null {
  if (object['object'] === 'customer') return textOr(object['id'], null);
  const customer = object['customer'];
  return textOr(typeof customer === 'string' ? customer : fieldsOf(customer)['id'], null);
}

/** Invoices name it only in what they were made for. */
function subscriptionIn(object: Fields): string | null {
  const parent = fieldsOf(fieldsOf(object['parent'])['subscription_details']);
  const subscription = object['subscription'] ?? parent['subscription'];
  return textOr(typeof subscription === 'string' ? subscription : fieldsOf(subscription)['id'], null);
}

/** Sessions carry it as their reference, invoices in a copy of their subscription's notes, the rest in their own. */
function userIn(object: Fields): string | null {
  const parent = fieldsOf(fieldsOf(object['parent'])['subscription_details']);
  return asUserId(object['client_reference_id']) ?? userIdIn(object['metadata']) ?? userIdIn(parent['metadata']);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

/** Only for people to read: nothing is decided by an event's time. */
function dateOf(value: unknown): Date {
  const date = new Date(typeof value === 'number' || typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? new Date() : date;
}
