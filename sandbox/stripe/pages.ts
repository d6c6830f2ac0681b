import type { JsonRequest, Reply } from '../kit/json-server';
import { lineItemsOf } from './objects/sessions';
import type { Session } from './objects/wire';
import type { People } from './people/people';
import { liveSubscriptionsOf } from './people/finding';
import { Refusal } from './protocol/refusals';
import type { World } from './world';

/** The pages on which people pay and look after their subscription. Undefined: not one of them. */
export function answerPage(world: World, people: People, request: JsonRequest): Reply | undefined {
  const [, kind, id] = /^\/(c\/pay|i|p\/session)\/([^/]+)$/.exec(request.path) ?? [];
  if (kind === undefined || id === undefined) return undefined;
  const form = new URLSearchParams(request.rawBody);
  const action = request.method === 'POST' ? (form.get('action') ?? '') : '';
  try {
    return PAGES[kind]?.(world, people, { id, action, price: form.get('price') ?? '' });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return html(error.status, 'Not here', `<p>${escaped(error.message)}</p>`);
  }
}

interface Visit {
  readonly id: string;
  readonly action: string;
  /** What a button is about. */
  readonly price: string;
}

function checkout(world: World, people: People, { id, action }: Visit): Reply {
  const session = world.get('checkout.session', id);
  if (action === 'cancel') return seeOther(session.cancel_url ?? '/');
  const isPaid = action === 'pay' || action === 'pay-later';
  if (isPaid) {
    people.payCheckout({ session: id, later: action === 'pay-later' });
    return seeOther((session.success_url ?? session.return_url ?? '/').replace('{CHECKOUT_SESSION_ID}', id));
  }
  const notice = action === 'decline' ? '<p role="alert">Your card was declined.</p>' : '';
  if (session.status !== 'open') return html(200, 'Checkout', `<p>This page is ${escaped(session.status ?? '')}.</p>`);
  const buttons = [
    button('pay', 'Pay'),
    button('pay-later', 'Pay later by bank'),
    button('decline', 'Pay with a card that declines'),
    button('cancel', 'Back'),
  ];
  return html(200, 'Checkout', notice + basket(world, session) + buttons.join(''));
}

function basket(world: World, session: Session): string {
  const rows = lineItemsOf(world, session).data.map(
    ({ description, quantity, amount_total: amount }) =>
      `<li>${quantity ?? 1} × ${escaped(description ?? '')}: ${(amount / 100).toFixed(2)} ${escaped(session.currency ?? '')}</li>`,
  );
  return `<ul>${rows.join('')}</ul>`;
}

function invoice(world: World, people: People, { id, action }: Visit): Reply {
  const found = world.get('invoice', id);
  if (action === 'pay') people.payInvoice({ invoice: id });
  const amount = `${(found.amount_remaining / 100).toFixed(2)} ${escaped(found.currency)}`;
  const rest =
    found.status === 'open' ? `<p>${amount} due</p>${button('pay', 'Pay')}` : `<p>${escaped(found.status ?? '')}</p>`;
  return html(200, 'Invoice', rest);
}

function portal(world: World, people: People, { id, action, price }: Visit): Reply {
  const session = world.get('billing_portal.session', id);
  const { customer } = session;
  if (action === 'return') return seeOther(session.return_url ?? '/');
  if (action === 'cancel') people.portalCancel({ customer });
  if (action === 'undo') people.portalUndoCancel({ customer });
  if (action === 'card') people.portalUpdatePaymentMethod({ customer });
  if (action === 'switch') people.portalSwitchPlan({ customer, price });
  const rows = liveSubscriptionsOf(world, customer).map((subscription) => {
    const end =
      subscription.cancel_at === null ? '' : `, ends ${new Date(subscription.cancel_at * 1000).toISOString()}`;
    return `<li>${escaped(subscription.items.data[0]?.price.lookup_key ?? subscription.id)}: ${escaped(subscription.status)}${end}</li>`;
  });
  const switches = world
    .all('price')
    .filter(({ active, recurring }) => active && recurring !== null)
    .map((one) => button('switch', `Switch to ${one.lookup_key ?? one.id}`, one.id));
  const buttons = [
    button('cancel', 'Cancel'),
    button('undo', 'Keep'),
    button('card', 'New card'),
    ...switches,
    button('return', 'Back'),
  ];
  return html(200, 'Billing', `<ul>${rows.join('')}</ul>${buttons.join('')}`);
}

const PAGES: Readonly<Record<string, (world: World, people: People, visit: Visit) => Reply>> = {
  'c/pay': checkout,
  i: invoice,
  'p/session': portal,
};

const button = (action: string, label: string, price = ''): string =>
  `<form method="post"><input type="hidden" name="action" value="${action}"><input type="hidden" name="price" value="${escaped(price)}"><button>${escaped(label)}</button></form>`;

const seeOther = (location: string): Reply => ({ status: 303, headers: { location } });

function html(status: number, title: string, content: string): Reply {
  const text = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${content}</body></html>`;
  return { status, text, headers: { 'content-type': 'text/html; charset=utf-8' } };
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
