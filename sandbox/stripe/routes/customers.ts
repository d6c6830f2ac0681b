import { newCustomer } from '../objects/people';
import { deleteCustomer } from '../people/dashboard';
import { emptyable, list, metadata, moment, shape, text } from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { given, merged, orNull, route, type Route } from '../protocol/route';

const FIELDS = {
  email: emptyable(text),
  name: emptyable(text),
  phone: emptyable(text),
  description: emptyable(text),
  metadata,
  preferred_locales: list(text),
  invoice_settings: shape({ default_payment_method: text }),
};

export const customerRoutes: readonly Route[] = [
  route(['POST', '/v1/customers'], { takes: FIELDS }, (world, params) => {
    const { email, name, phone, description } = params;
    const customer = newCustomer(world, {
      ...given({ email, name, phone, description }),
      metadata: merged(null, params.metadata),
    });
    return world.add('customer', customer, 'customer.created');
  }),
  route(
    ['GET', '/v1/customers/:id'],
    { takes: {} },
    (world, _params, id) => world.deletedCustomers.get(id) ?? world.get('customer', id),
  ),
  route(['POST', '/v1/customers/:id'], { takes: FIELDS }, (world, params, id) => {
    const customer = world.get('customer', id);
    const method = params.invoice_settings?.default_payment_method;
    if (method !== undefined) world.get('payment_method', method, 'invoice_settings[default_payment_method]');
    world.change(customer, 'customer.updated', () => {
      if (params.email !== undefined) customer.email = orNull(params.email);
      if (params.name !== undefined) customer.name = orNull(params.name);
      if (params.phone !== undefined) customer.phone = orNull(params.phone);
      if (params.description !== undefined) customer.description = orNull(params.description);
      if (method !== undefined) customer.invoice_settings.default_payment_method = method;
      customer.metadata = merged(customer.metadata, params.metadata);
    });
    return customer;
  }),
  route(['DELETE', '/v1/customers/:id'], { takes: {} }, (world, _params, id) => deleteCustomer(world, id)),
  route(['GET', '/v1/customers'], { takes: { ...PAGING, email: text, created: moment } }, (world, params) => {
    const found = world
      .all('customer')
      .filter(({ email }) => params.email === undefined || email === params.email)
      .filter(({ created }) => isWithin(created, params.created));
    return page(found, params, '/v1/customers');
  }),
  route(['GET', '/v1/customers/:id/payment_methods'], { takes: { ...PAGING, type: text } }, (world, params, id) => {
    world.get('customer', id);
    const theirs = world.all('payment_method').filter((method) => method.customer === id);
    return page(theirs, params, `/v1/customers/${id}/payment_methods`);
  }),
  route(['GET', '/v1/payment_methods/:id'], { takes: {} }, (world, _params, id) => world.get('payment_method', id)),
];
