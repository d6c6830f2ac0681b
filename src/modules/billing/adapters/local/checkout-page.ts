import { html } from './html';
import { checkoutPath } from './local-paths';
import { describePrice } from './local-price';
import type { LocalCheckout } from './local-records.schemas';
import { showNote } from './notes';
import { link, moment, type Page, toPage } from './page';

/** The page where somebody buys a plan, or sees that it is too late for it. */
export function checkoutPage(checkout: LocalCheckout, email: string | null, note: string | undefined): Page {
  if (checkout.status === 'paid') return paidPage(checkout);
  if (checkout.status === 'closed') return closedPage(checkout);
  const { id, priceId, trialDays, successUrl, cancelUrl, expiresAt } = checkout;
  const pay = trialDays > 0 ? `Start the trial of ${trialDays} days` : 'Pay';
  const content = html` ${showNote(note)}
    <section>
      <h2>${describePrice(priceId)}</h2>
      <p>${email === null ? '' : `For ${email}. `}The page is open until ${moment(expiresAt)}.</p>
      <form method="post" action="${checkoutPath(id)}">
        <button class="main" name="action" value="pay">${pay}</button>
        <button name="action" value="decline">Let the card be declined</button>
      </form>
      <p>${link(cancelUrl, 'Turn back')} without buying anything.</p>
    </section>`;
  return toPage('Payment', content, [successUrl]);
}

function paidPage(checkout: LocalCheckout): Page {
  const content = html`<section>
    <h2>${describePrice(checkout.priceId)}</h2>
    <p>This was bought. ${link(successAddress(checkout), 'Go on')}</p>
  </section>`;
  return toPage('Payment', content);
}

function closedPage({ cancelUrl }: LocalCheckout): Page {
  const content = html`<section>
    <p>This page has closed: it was open for too long, or another plan was chosen. ${link(cancelUrl, 'Go back')}</p>
  </section>`;
  return toPage('Payment', content, [], 410);
}

/** Where a buyer is sent. Programs may have the page's id put into it, as with payment vendors. */
export function successAddress({ id, successUrl }: LocalCheckout): string {
  return successUrl.replaceAll('{CHECKOUT_SESSION_ID}', id);
}
