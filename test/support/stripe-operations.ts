/** The types of one operation, by their names in the library. */
export interface StripeOperation {
  readonly params: string;
  readonly answer: string;
}

type Row = readonly [operation: string, params: string, answer: string];

const listOf = (type: string): string => `Stripe.ApiList<${type}>`;

const CATALOG: readonly Row[] = [
  ['POST /v1/products', 'Stripe.ProductCreateParams', 'Stripe.Product'],
  ['GET /v1/products', 'Stripe.ProductListParams', listOf('Stripe.Product')],
  ['GET /v1/products/*', 'Stripe.ProductRetrieveParams', 'Stripe.Product'],
  ['POST /v1/products/*', 'Stripe.ProductUpdateParams', 'Stripe.Product'],
  ['POST /v1/prices', 'Stripe.PriceCreateParams', 'Stripe.Price'],
  ['GET /v1/prices', 'Stripe.PriceListParams', listOf('Stripe.Price')],
  ['GET /v1/prices/*', 'Stripe.PriceRetrieveParams', 'Stripe.Price'],
  ['POST /v1/prices/*', 'Stripe.PriceUpdateParams', 'Stripe.Price'],
];

const CUSTOMERS: readonly Row[] = [
  ['POST /v1/customers', 'Stripe.CustomerCreateParams', 'Stripe.Customer'],
  ['GET /v1/customers', 'Stripe.CustomerListParams', listOf('Stripe.Customer')],
  ['GET /v1/customers/*', 'Stripe.CustomerRetrieveParams', 'Stripe.Customer | Stripe.DeletedCustomer'],
  ['POST /v1/customers/*', 'Stripe.CustomerUpdateParams', 'Stripe.Customer'],
  ['DELETE /v1/customers/*', 'Stripe.CustomerDeleteParams', 'Stripe.DeletedCustomer'],
  ['GET /v1/customers/*/payment_methods', 'Stripe.CustomerListPaymentMethodsParams', listOf('Stripe.PaymentMethod')],
  ['GET /v1/payment_methods/*', 'Stripe.PaymentMethodRetrieveParams', 'Stripe.PaymentMethod'],
];

const CHECKOUT: readonly Row[] = [
  ['POST /v1/checkout/sessions', 'Stripe.Checkout.SessionCreateParams', 'Stripe.Checkout.Session'],
  ['GET /v1/checkout/sessions', 'Stripe.Checkout.SessionListParams', listOf('Stripe.Checkout.Session')],
  ['GET /v1/checkout/sessions/*', 'Stripe.Checkout.SessionRetrieveParams', 'Stripe.Checkout.Session'],
  ['POST /v1/checkout/sessions/*/expire', 'Stripe.Checkout.SessionExpireParams', 'Stripe.Checkout.Session'],
  ['GET /v1/checkout/sessions/*/line_items', 'Stripe.Checkout.SessionListLineItemsParams', listOf('Stripe.LineItem')],
];

const SUBSCRIPTIONS: readonly Row[] = [
  ['POST /v1/subscriptions', 'Stripe.SubscriptionCreateParams', 'Stripe.Subscription'],
  ['GET /v1/subscriptions', 'Stripe.SubscriptionListParams', listOf('Stripe.Subscription')],
  ['GET /v1/subscriptions/*', 'Stripe.SubscriptionRetrieveParams', 'Stripe.Subscription'],
  ['POST /v1/subscriptions/*', 'Stripe.SubscriptionUpdateParams', 'Stripe.Subscription'],
  ['DELETE /v1/subscriptions/*', 'Stripe.SubscriptionCancelParams', 'Stripe.Subscription'],
  ['POST /v1/subscriptions/*/pause', 'Stripe.SubscriptionPauseParams', 'Stripe.Subscription'],
  ['POST /v1/subscriptions/*/resume', 'Stripe.SubscriptionResumeParams', 'Stripe.Subscription'],
  ['POST /v1/subscription_schedules', 'Stripe.SubscriptionScheduleCreateParams', 'Stripe.SubscriptionSchedule'],
  ['GET /v1/subscription_schedules', 'Stripe.SubscriptionScheduleListParams', listOf('Stripe.SubscriptionSchedule')],
  ['GET /v1/subscription_schedules/*', 'Stripe.SubscriptionScheduleRetrieveParams', 'Stripe.SubscriptionSchedule'],
  ['POST /v1/subscription_schedules/*', 'Stripe.SubscriptionScheduleUpdateParams', 'Stripe.SubscriptionSchedule'],
  [
    'POST /v1/subscription_schedules/*/release',
    'Stripe.SubscriptionScheduleReleaseParams',
    'Stripe.SubscriptionSchedule',
  ],
  [
    'POST /v1/subscription_schedules/*/cancel',
    'Stripe.SubscriptionScheduleCancelParams',
    'Stripe.SubscriptionSchedule',
  ],
];

const INVOICES: readonly Row[] = [
  ['POST /v1/invoices/create_preview', 'Stripe.InvoiceCreatePreviewParams', 'Stripe.Invoice'],
  ['GET /v1/invoices', 'Stripe.InvoiceListParams', listOf('Stripe.Invoice')],
  ['GET /v1/invoices/*', 'Stripe.InvoiceRetrieveParams', 'Stripe.Invoice'],
  ['GET /v1/invoices/*/lines', 'Stripe.InvoiceListLineItemsParams', listOf('Stripe.InvoiceLineItem')],
  ['POST /v1/invoices/*/pay', 'Stripe.InvoicePayParams', 'Stripe.Invoice'],
];

const CONFIGURATION = 'Stripe.BillingPortal.Configuration';
const ACCOUNT: readonly Row[] = [
  ['POST /v1/billing_portal/configurations', `${CONFIGURATION}CreateParams`, CONFIGURATION],
  ['GET /v1/billing_portal/configurations', `${CONFIGURATION}ListParams`, listOf(CONFIGURATION)],
  ['GET /v1/billing_portal/configurations/*', `${CONFIGURATION}RetrieveParams`, CONFIGURATION],
  ['POST /v1/billing_portal/configurations/*', `${CONFIGURATION}UpdateParams`, CONFIGURATION],
  ['POST /v1/billing_portal/sessions', 'Stripe.BillingPortal.SessionCreateParams', 'Stripe.BillingPortal.Session'],
  ['GET /v1/events', 'Stripe.EventListParams', listOf('Stripe.Event')],
  ['GET /v1/events/*', 'Stripe.EventRetrieveParams', 'Stripe.Event'],
  ['POST /v1/webhook_endpoints', 'Stripe.WebhookEndpointCreateParams', 'Stripe.WebhookEndpoint'],
  ['GET /v1/webhook_endpoints', 'Stripe.WebhookEndpointListParams', listOf('Stripe.WebhookEndpoint')],
  ['GET /v1/webhook_endpoints/*', 'Stripe.WebhookEndpointRetrieveParams', 'Stripe.WebhookEndpoint'],
  ['POST /v1/webhook_endpoints/*', 'Stripe.WebhookEndpointUpdateParams', 'Stripe.WebhookEndpoint'],
  ['DELETE /v1/webhook_endpoints/*', 'Stripe.WebhookEndpointDeleteParams', 'Stripe.DeletedWebhookEndpoint'],
];

const ROWS: readonly Row[] = [...CATALOG, ...CUSTOMERS, ...CHECKOUT, ...SUBSCRIPTIONS, ...INVOICES, ...ACCOUNT];

const OPERATIONS = ROWS.map(([operation, params, answer]) => ({
  operation,
  pattern: new RegExp(`^${operation.replaceAll('*', '[^/]+')}$`),
  params,
  answer,
}));

/** Every operation whose types are known, with `*` for an id. */
export const STRIPE_OPERATIONS: readonly string[] = ROWS.map(([operation]) => operation);

export function operationOf({
  method,
  path,
}: {
  readonly method: string;
  readonly path: string;
}): (StripeOperation & { readonly operation: string }) | undefined {
  return OPERATIONS.find(({ pattern }) => pattern.test(`${method} ${path}`));
}
