import {
  choice,
  emptyable,
  flag,
  integer,
  list,
  metadata,
  type Rule,
  shape,
  text,
  url,
  type Values,
} from '../protocol/params';
import { page, PAGING } from '../protocol/pages';
import { invalid, missingParameter } from '../protocol/refusals';
import { merged, orNull, route, type Route } from '../protocol/route';
import type { Configuration } from '../objects/wire';
import type { World } from '../world';
import { newConfiguration, newPortalSession, withFeatures } from '../objects/portal';

const PRORATIONS = choice('always_invoice', 'create_prorations', 'none');

const PRODUCT = shape(
  {
    product: text,
    prices: list(text),
    adjustable_quantity: shape({ enabled: flag, maximum: integer, minimum: integer }, ['enabled']),
  },
  ['product', 'prices'],
);

const FEATURES = shape({
  customer_update: shape({
    enabled: flag,
    allowed_updates: list(choice('address', 'email', 'name', 'phone', 'shipping', 'tax_id')),
  }),
  invoice_history: shape({ enabled: flag }, ['enabled']),
  payment_method_update: shape({ enabled: flag, payment_method_configuration: emptyable(text) }, ['enabled']),
  subscription_cancel: shape({
    enabled: flag,
    mode: choice('at_period_end', 'immediately'),
    proration_behavior: PRORATIONS,
    cancellation_reason: shape({ enabled: flag, options: list(text) }, ['enabled']),
  }),
  subscription_pause: shape({ enabled: flag }),
  subscription_update: shape({
    enabled: flag,
    default_allowed_updates: list(choice('price', 'promotion_code', 'quantity')),
    products: list(PRODUCT),
    proration_behavior: PRORATIONS,
    schedule_at_period_end: shape({
      conditions: list(shape({ type: choice('decreasing_item_amount', 'shortening_interval') }, ['type'])),
    }),
    billing_cycle_anchor: choice('now', 'unchanged'),
    trial_update_behavior: choice('continue_trial', 'end_trial'),
  }),
});

const CONFIGURATION = {
  features: FEATURES,
  business_profile: shape({
    headline: emptyable(text),
    privacy_policy_url: emptyable(url),
    terms_of_service_url: emptyable(url),
  }),
  default_return_url: emptyable(url),
  login_page: shape({ enabled: flag }, ['enabled']),
  name: emptyable(text),
  metadata,
};

export type FeatureParams = ReturnType<typeof FEATURES>;

const configurations: readonly Route[] = [
  route(
    ['POST', '/v1/billing_portal/configurations'],
    { takes: CONFIGURATION, needs: ['features'] },
    (world, params) => {
      // What the API makes is never the default: that one is saved in the dashboard.
      const configuration = newConfiguration(world, false);
      configuration.features = withFeatures(configuration.features, params.features);
      configuration.default_return_url = params.default_return_url ? params.default_return_url : null;
      configuration.name = params.name ? params.name : null;
      configuration.metadata = merged(null, params.metadata);
      return world.add('billing_portal.configuration', configuration, 'billing_portal.configuration.created');
    },
  ),
  route(['GET', '/v1/billing_portal/configurations/:id'], { takes: {} }, (world, _params, id) =>
    world.get('billing_portal.configuration', id),
  ),
  route(
    ['POST', '/v1/billing_portal/configurations/:id'],
    { takes: { ...CONFIGURATION, active: flag } },
    (world, params, id) => {
      const configuration = world.get('billing_portal.configuration', id);
      world.change(configuration, 'billing_portal.configuration.updated', () => {
        if (params.features !== undefined)
          configuration.features = withFeatures(configuration.features, params.features);
        if (params.active !== undefined) configuration.active = params.active;
        if (params.default_return_url !== undefined)
          configuration.default_return_url = orNull(params.default_return_url);
        if (params.name !== undefined) configuration.name = orNull(params.name);
        configuration.metadata = merged(configuration.metadata, params.metadata);
        configuration.updated = world.now;
      });
      return configuration;
    },
  ),
  route(
    ['GET', '/v1/billing_portal/configurations'],
    { takes: { ...PAGING, active: flag, is_default: flag } },
    (world, params) => {
      const found = world
        .all('billing_portal.configuration')
        .filter(({ active }) => params.active === undefined || active === params.active)
        .filter(({ is_default }) => params.is_default === undefined || is_default === params.is_default);
      return page(found, params, '/v1/billing_portal/configurations');
    },
  ),
];

const onSubscription = shape({ subscription: text }, ['subscription']);
const FLOW_RULES = {
  type: choice(
    'customer_update',
    'payment_method_update',
    'subscription_cancel',
    'subscription_pause',
    'subscription_update',
    'subscription_update_confirm',
  ),
  after_completion: shape(
    {
      type: choice('hosted_confirmation', 'portal_homepage', 'redirect'),
      redirect: shape({ return_url: url }, ['return_url']),
      hosted_confirmation: shape({ custom_message: text }),
    },
    ['type'],
  ),
  subscription_cancel: onSubscription,
  subscription_pause: onSubscription,
  subscription_update: onSubscription,
  subscription_update_confirm: shape(
    { subscription: text, items: list(shape({ id: text, price: text, quantity: integer }, ['id'])) },
    ['subscription', 'items'],
  ),
};
export type FlowParams = Values<typeof FLOW_RULES, 'type'>;
const FLOW: Rule<FlowParams> = shape(FLOW_RULES, ['type']);

const sessions: readonly Route[] = [
  route(
    ['POST', '/v1/billing_portal/sessions'],
    {
      takes: { customer: text, configuration: text, return_url: url, flow_data: FLOW, locale: text },
      needs: ['customer'],
    },
    (world, params) => {
      const customer = world.customer(params.customer);
      const { flow_data: flow } = params;
      const configuration = configurationFor(world, params.configuration);
      const target = flow && subscriptionIn(flow);
      if (target !== undefined) world.get('subscription', target, 'flow_data[subscription]');
      const session = newPortalSession(world, {
        customer: customer.id,
        configuration: configuration.id,
        returnUrl: params.return_url ?? configuration.default_return_url,
        locale: params.locale ?? null,
        flow: flow ?? null,
      });
      return world.add('billing_portal.session', session, 'billing_portal.session.created');
    },
  ),
];

/** @throws Refusal where the named one is inactive, or none is named and nobody has saved a default in the dashboard */
function configurationFor(world: World, named: string | undefined): Configuration {
  if (named !== undefined) {
    const configuration = world.get('billing_portal.configuration', named, 'configuration');
    if (configuration.active) return configuration;
    throw invalid('An inactive configuration cannot be used to create a session.', 'configuration');
  }
  const saved = world.all('billing_portal.configuration').find(({ is_default }) => is_default);
  if (saved !== undefined) return saved;
  throw invalid('No configuration provided and your test mode default configuration has not been created.');
}

/** The subscription that a flow is about. @throws Refusal where its type needs one and has none */
function subscriptionIn(flow: FlowParams): string | undefined {
  if (flow.type === 'customer_update' || flow.type === 'payment_method_update') return undefined;
  const details = flow[flow.type];
  if (details === undefined) throw missingParameter(`flow_data[${flow.type}]`);
  return details.subscription;
}

export const portalRoutes: readonly Route[] = [...configurations, ...sessions];
