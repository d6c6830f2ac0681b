import type { Json } from '../../kit/json';
import { isObject } from '../../kit/json';
import type { World } from '../world';
import type { Configuration, PortalSession } from './wire';

export function newConfiguration(world: World, isDefault: boolean): Configuration {
  return {
    id: world.ids.next('bpc', 24),
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created: world.now,
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: [], enabled: false },
      invoice_history: { enabled: false },
      payment_method_update: { enabled: false, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [] },
        enabled: false,
        mode: 'at_period_end',
        proration_behavior: 'none',
      },
      subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: [],
        enabled: false,
        products: [],
        proration_behavior: 'none',
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: 'end_trial',
      },
    },
    is_default: isDefault,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: world.now,
  };
}

/** The features with what was given put over them; what a product doesn't say of quantities is filled in. */
export function withFeatures(features: Configuration['features'], given: object): Configuration['features'] {
  const result = overlay(features, given as Json) as unknown as Configuration['features'];
  const update = result.subscription_update;
  update.products = (update.products ?? []).map((product) => ({
    ...product,
    adjustable_quantity: { maximum: null, minimum: 1, ...quantityOf(product) },
  }));
  return result;
}

function quantityOf(product: object): { enabled: boolean } {
  const { adjustable_quantity: quantity } = product as { adjustable_quantity?: { enabled: boolean } };
  return quantity ?? { enabled: false };
}

function overlay(below: Json, above: Json): Json {
  const over = Object.entries(above).map(([name, value]): [string, unknown] => {
    const former = below[name];
    return [name, isObject(former) && isObject(value) ? overlay(former, value) : value];
  });
  return { ...below, ...Object.fromEntries(over) };
}

/** What is to happen in the portal, as it was asked for. */
export interface FlowWish {
  readonly type: string;
  readonly after_completion?: {
    readonly type: string;
    readonly redirect?: { readonly return_url: string };
    readonly hosted_confirmation?: { readonly custom_message?: string };
  };
  readonly subscription_cancel?: { readonly subscription: string };
  readonly subscription_pause?: { readonly subscription: string };
  readonly subscription_update?: { readonly subscription: string };
  readonly subscription_update_confirm?: {
    readonly subscription: string;
    readonly items: readonly { readonly id: string; readonly price?: string; readonly quantity?: number }[];
  };
}

export interface NewPortalSession {
  readonly customer: string;
  readonly configuration: string;
  readonly returnUrl: string | null;
  readonly locale: string | null;
  readonly flow: FlowWish | null;
}

export function newPortalSession(world: World, session: NewPortalSession): PortalSession {
  const id = world.ids.next('bps', 24);
  return {
    id,
    object: 'billing_portal.session',
    configuration: session.configuration,
    created: world.now,
    customer: session.customer,
    customer_account: null,
    flow: session.flow && flowOf(session.flow),
    livemode: false,
    locale: session.locale,
    on_behalf_of: null,
    return_url: session.returnUrl,
    url: `${world.baseUrl}/p/session/${id}`,
  };
}

function flowOf(flow: FlowWish): NonNullable<PortalSession['flow']> {
  const { subscription_cancel: cancel, subscription_update_confirm: confirm } = flow;
  return {
    after_completion: completionOf(flow),
    customer_update: null,
    subscription_cancel: cancel ? { retention: null, subscription: cancel.subscription } : null,
    subscription_pause: flow.subscription_pause ? { ...flow.subscription_pause } : null,
    subscription_update: flow.subscription_update ? { ...flow.subscription_update } : null,
    subscription_update_confirm: confirm
      ? {
          discounts: null,
          items: confirm.items.map((item) => ({ ...item, price: item.price ?? null })),
          subscription: confirm.subscription,
        }
      : null,
    type: flow.type,
  };
}

function completionOf({ after_completion: after }: FlowWish): NonNullable<PortalSession['flow']>['after_completion'] {
  const confirmation = after?.hosted_confirmation;
  return {
    hosted_confirmation: confirmation ? { custom_message: confirmation.custom_message ?? null } : null,
    redirect: after?.redirect ? { ...after.redirect } : null,
    type: after?.type ?? 'portal_homepage',
  };
}
