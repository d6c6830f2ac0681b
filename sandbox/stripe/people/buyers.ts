import { payCheckout, settleCheckout } from '../life/checkout';
import { finalizeInvoice } from '../life/invoicing';
import { collect } from '../life/standing';
import type { CardBehavior } from '../objects/hidden';
import { addCard } from '../objects/people';
import type { Customer, Invoice, Session } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { sessionOf } from './finding';

/** What people do on the pages where they pay, and with their cards. */
export class Buyers {
  constructor(private readonly world: World) {}

  /** `session` is its id or its page's address; `later`: the money is on its way. */
  payCheckout(order: { session: string; card?: CardBehavior | 'none'; later?: boolean }): Session {
    const session = sessionOf(this.world, order.session);
    return payCheckout(this.world, session, { card: order.card ?? 'works', isDelayed: order.later === true });
  }

  settleCheckout({ session, succeeds }: { session: string; succeeds: boolean }): Session {
    return settleCheckout(this.world, sessionOf(this.world, session), succeeds);
  }

  /** How the customer's cards answer from now on; one who has none gets one. */
  setCard({ customer, card }: { customer: string; card: CardBehavior }): Customer {
    const owner = this.world.customer(customer);
    const methods = this.world.all('payment_method').filter((method) => method.customer === customer);
    for (const method of methods) this.world.cards.set(method.id, card);
    if (methods.length > 0) return owner;
    const method = addCard(this.world, owner, card);
    this.world.change(owner, 'customer.updated', () => (owner.invoice_settings.default_payment_method = method.id));
    return owner;
  }

  /** Somebody pays an open invoice by hand, authentication included. */
  payInvoice({ invoice: id }: { invoice: string }): Invoice {
    const invoice = this.world.get('invoice', id, 'invoice');
    if (invoice.status === 'draft') finalizeInvoice(this.world, invoice);
    else if (invoice.status !== 'open') throw invalid(`The invoice is ${invoice.status ?? 'gone'}.`, 'invoice');
    collect(this.world, invoice, 'works');
    return invoice;
  }
}
