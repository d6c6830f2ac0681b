import { type Html, html } from './html';
import type { CustomerFile } from './local-customers';
import { portalPath } from './local-paths';
import { describePrice } from './local-price';
import type { LocalPortal, LocalSubscription } from './local-records.schemas';
import { showNote } from './notes';
import { link, moment, type Page, toPage } from './page';
import { actionsFor } from './portal-actions';

/** The page where somebody sees what they pay for, and makes happen what otherwise only time brings. */
export function portalPage(portal: LocalPortal, file: CustomerFile, note: string | undefined): Page {
  const { customer, subscriptions } = file;
  const [live, ended] = [subscriptions.filter(isLive), subscriptions.filter((one) => !isLive(one))];
  const content = html` ${showNote(note)}
    <p>${customer.email ?? customer.userId}${customer.isDeleted ? ': deleted.' : ''}</p>
    ${live.map((subscription) => showSubscription(portal, subscription))}
    ${live.length === 0 ? html`<section><p>No subscription is running.</p></section>` : html``}
    ${customer.isDeleted ? html`` : showCard(portal, file)}
    ${
      ended.length === 0
        ? html``
        : html`<section>
            <h2>Ended</h2>
            ${ended.map(showEnded)}
          </section>`
    }
    <p>${link(portal.returnUrl, 'Back')}</p>`;
  return toPage('Subscriptions and payments', content);
}

function showSubscription(portal: LocalPortal, subscription: LocalSubscription): Html {
  const { id, priceId, revision } = subscription;
  const buttons = actionsFor(subscription).map(
    ([name, label]) => html`<button name="action" value="${name}">${label}</button>`,
  );
  return html`<section>
    <h2>${describePrice(priceId)}</h2>
    <dl>
      ${facts(subscription).map(
        ([what, value]) =>
          html`<dt>${what}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <form method="post" action="${portalPath(portal.id)}">
      <input type="hidden" name="subscription" value="${id}" />
      <input type="hidden" name="revision" value="${String(revision)}" />
      ${buttons}
    </form>
  </section>`;
}

function facts(subscription: LocalSubscription): readonly (readonly [string, string])[] {
  const { rawStatus, period, nextPriceId, openChange, endsAt, owedSince, payments, freeFollows } = subscription;
  const optional: readonly (readonly [string, string | null])[] = [
    ['Owed since', owedSince && moment(owedSince)],
    ['Ends', endsAt && `${moment(endsAt)}${freeFollows ? ', then the free plan follows' : ''}`],
    ['Then', nextPriceId && describePrice(nextPriceId)],
    ['Waits for its payment', openChange && describePrice(openChange.priceId)],
  ];
  return [
    ['Status', rawStatus.replace('_', ' ')],
    ['Period', `${moment(period.start)} to ${moment(period.end)}`],
    ...optional.flatMap(([what, value]) => (value === null ? [] : [[what, value] as const])),
    ['Payments', String(payments.length)],
  ];
}

function showCard(portal: LocalPortal, { customer: { card } }: CustomerFile): Html {
  const other = card === 'works' ? 'declines' : 'works';
  return html`<section>
    <h2>The card ${card === 'works' ? 'works' : 'is declined'}</h2>
    <form method="post" action="${portalPath(portal.id)}">
      <button name="action" value="card-${other}">
        ${other === 'works' ? 'Let it work from now on' : 'Let it be declined from now on'}
      </button>
      <button name="action" value="delete">Delete this customer</button>
    </form>
  </section>`;
}

function showEnded({ priceId, endsAt, endReason }: LocalSubscription): Html {
  const why = endReason === 'payment-failed' ? 'it was not paid' : 'on request';
  return html`<p class="quiet">${describePrice(priceId)}: ended ${endsAt ? moment(endsAt) : ''}, ${why}.</p>`;
}

function isLive({ rawStatus }: LocalSubscription): boolean {
  return rawStatus !== 'canceled';
}
