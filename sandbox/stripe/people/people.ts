import type { World } from '../world';
import { Buyers } from './buyers';
import { DashboardStaff } from './dashboard';
import { PortalVisitors } from './portal';

/** Everybody who does something to subscriptions without the API. */
export type People = Pick<Buyers, keyof Buyers> &
  Pick<PortalVisitors, keyof PortalVisitors> &
  Pick<DashboardStaff, keyof DashboardStaff>;

/** What they can do, by name. */
const ACTIONS: readonly (keyof People)[] = [
  'payCheckout',
  'settleCheckout',
  'setCard',
  'payInvoice',
  'portalUpdatePaymentMethod',
  'portalCancel',
  'portalUndoCancel',
  'portalSwitchPlan',
  'portalPause',
  'portalResume',
  'dashboardCancelNow',
  'dashboardCancelAtPeriodEnd',
  'dashboardDeleteCustomer',
  'dashboardChangePrice',
  'dashboardAddSubscription',
  'dashboardPause',
  'dashboardSavePortal',
  'dashboardResume',
];

/** The same, as those wait for it who must not see half of it. */
export type Acts = {
  readonly [Name in keyof People]: (...order: Parameters<People[Name]>) => Promise<ReturnType<People[Name]>>;
};

export const isAction = (name: string): name is keyof People => ACTIONS.some((known) => known === name);

export function everybody(world: World): People {
  const crowd = [new Buyers(world), new PortalVisitors(world), new DashboardStaff(world)];
  const find = (name: string): unknown => {
    const one = crowd.find((person) => name in person) as
      Readonly<Record<string, (order: object) => unknown>> | undefined;
    return (order: object) => one?.[name]?.(order);
  };
  return Object.fromEntries(ACTIONS.map((name) => [name, find(name)])) as unknown as People;
}

/** Wraps each action. */
export function actsOf(people: People, around: (act: () => unknown) => Promise<unknown>): Acts {
  const wrapped = ACTIONS.map((name) => {
    const act = people[name] as (order: object) => unknown;
    return [name, (order: object = {}) => around(() => act(order))];
  });
  return Object.fromEntries(wrapped) as Acts;
}
