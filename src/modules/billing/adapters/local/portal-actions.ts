import type { LocalSubscription } from './local-records.schemas';
import { cancelAtEnd, end, endPeriod, goOn, payOpenChange, payOwed } from './local-subscription';

interface Circumstances {
  readonly now: Date;
  readonly cardWorks: boolean;
}

/** Something that can be made to happen to a subscription. */
interface PortalAction {
  readonly label: string;
  isOffered(subscription: LocalSubscription): boolean;
  /** Undefined when the card was declined. */
  apply(subscription: LocalSubscription, circumstances: Circumstances): LocalSubscription | undefined;
}

const isOwed = ({ rawStatus }: LocalSubscription): boolean => rawStatus === 'past_due';
const runs = ({ rawStatus }: LocalSubscription): boolean => rawStatus === 'active' || rawStatus === 'trialing';
const isLive = (subscription: LocalSubscription): boolean => runs(subscription) || isOwed(subscription);
const endsSoon = ({ endsAt }: LocalSubscription): boolean => endsAt !== null;
const changesSoon = ({ nextPriceId }: LocalSubscription): boolean => nextPriceId !== null;

export const PORTAL_ACTIONS = {
  renew: {
    label: 'Renew now',
    isOffered: (subscription) => runs(subscription) && !endsSoon(subscription) && !changesSoon(subscription),
    apply: (subscription, { now, cardWorks }) => endPeriod(subscription, now, cardWorks),
  },
  'end-period': {
    label: 'End the period now',
    isOffered: (subscription) =>
      isLive(subscription) && (endsSoon(subscription) || (changesSoon(subscription) && !isOwed(subscription))),
    apply: (subscription, { now, cardWorks }) => endPeriod(subscription, now, cardWorks),
  },
  'fail-renewal': {
    label: 'Let the renewal fail',
    isOffered: (subscription) => runs(subscription) && !endsSoon(subscription),
    apply: (subscription, { now }) => endPeriod(subscription, now, false),
  },
  'pay-owed': {
    label: 'Pay what is owed',
    isOffered: isOwed,
    apply: (subscription, { now, cardWorks }) => (cardWorks ? payOwed(subscription, now) : undefined),
  },
  'give-up': {
    label: 'Give up: it is never paid',
    isOffered: isOwed,
    apply: (subscription, { now }) => end(subscription, now, 'payment-failed'),
  },
  'pay-change': {
    label: 'Pay the change',
    isOffered: ({ openChange }) => openChange !== null,
    apply: (subscription, { now, cardWorks }) => (cardWorks ? payOpenChange(subscription, now) : undefined),
  },
  'drop-change': {
    label: 'Drop the change',
    isOffered: ({ openChange }) => openChange !== null,
    apply: (subscription) => ({ ...subscription, openChange: null }),
  },
  cancel: {
    label: 'Cancel at the end of the period',
    isOffered: (subscription) => isLive(subscription) && !endsSoon(subscription),
    apply: (subscription) => cancelAtEnd(subscription, false),
  },
  undo: {
    label: 'Go on as it is',
    isOffered: (subscription) => isLive(subscription) && (endsSoon(subscription) || changesSoon(subscription)),
    apply: (subscription) => goOn(subscription),
  },
} as const satisfies Readonly<Record<string, PortalAction>>;

export type PortalActionName = keyof typeof PORTAL_ACTIONS;

/** What can be chosen for a subscription now. */
export function actionsFor(subscription: LocalSubscription): readonly (readonly [PortalActionName, string])[] {
  return PORTAL_ACTION_NAMES.filter((name) => PORTAL_ACTIONS[name].isOffered(subscription)).map(
    (name) => [name, PORTAL_ACTIONS[name].label] as const,
  );
}

export const PORTAL_ACTION_NAMES = Object.keys(PORTAL_ACTIONS) as readonly PortalActionName[];
