import { subscriptionOf } from '../life/invoicing';
import { collect } from '../life/standing';
import { preview } from '../life/previewing';
import { choice, emptyable, flag, integer, list, metadata, moment, shape, text, either } from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { declined, invalid, needsAction } from '../protocol/refusals';
import { route, type Route } from '../protocol/route';
import { ANCHOR, CANCEL_AT, PRORATIONS, UPDATE_ITEM } from './subscriptions';

const LIST = {
  ...PAGING,
  customer: text,
  subscription: text,
  status: choice('draft', 'open', 'paid', 'uncollectible', 'void'),
  collection_method: choice('charge_automatically', 'send_invoice'),
  created: moment,
};

const PREVIEW = {
  customer: text,
  subscription: text,
  subscription_details: shape({
    items: list(UPDATE_ITEM),
    proration_behavior: PRORATIONS,
    proration_date: integer,
    billing_cycle_anchor: ANCHOR,
    cancel_at: CANCEL_AT,
    cancel_at_period_end: flag,
    cancel_now: flag,
    metadata,
    trial_end: either(choice('now'), integer),
  }),
  preview_mode: choice('next', 'recurring'),
};

const PAY = {
  off_session: flag,
  payment_method: text,
  paid_out_of_band: flag,
  forgive: flag,
  mandate: emptyable(text),
};

export const invoiceRoutes: readonly Route[] = [
  route(['POST', '/v1/invoices/create_preview'], { takes: PREVIEW, needs: ['subscription'] }, (world, params) => {
    const subscription = world.get('subscription', params.subscription, 'subscription');
    if (params.customer !== undefined && world.customer(params.customer).id !== subscription.customer) {
      throw invalid('The subscription does not belong to the customer.', 'subscription');
    }
    return preview(world, subscription, params.subscription_details ?? {});
  }),
  route(['GET', '/v1/invoices/:id'], { takes: {} }, (world, _params, id) => world.get('invoice', id)),
  route(['GET', '/v1/invoices/:id/lines'], { takes: PAGING }, (world, params, id) =>
    page([...world.get('invoice', id).lines.data].reverse(), params, `/v1/invoices/${id}/lines`),
  ),
  route(['GET', '/v1/invoices'], { takes: LIST }, (world, params) => {
    const found = world
      .all('invoice')
      .filter(({ customer }) => params.customer === undefined || customer === params.customer)
      .filter(({ status }) => params.status === undefined || status === params.status)
      .filter(
        (invoice) => params.subscription === undefined || subscriptionOf(world, invoice)?.id === params.subscription,
      )
      .filter(({ created }) => isWithin(created, params.created));
    return page(found, params, '/v1/invoices');
  }),
  route(['POST', '/v1/invoices/:id/pay'], { takes: PAY }, (world, params, id) => {
    const invoice = world.get('invoice', id);
    if (invoice.status === 'paid') throw invalid('Invoice is already paid');
    if (invoice.status !== 'open') throw invalid(`The invoice is \`${invoice.status ?? ''}\` and cannot be paid.`);
    const method = params.payment_method;
    const behavior =
      method === undefined ? undefined : world.cards.get(world.get('payment_method', method, 'payment_method').id);
    const outcome = collect(world, invoice, params.paid_out_of_band === true ? 'works' : behavior);
    if (outcome === 'declined') throw declined();
    if (outcome === 'requires_action') throw needsAction();
    return invoice;
  }),
];
