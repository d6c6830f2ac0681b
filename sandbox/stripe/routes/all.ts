import { noSuchRoute } from '../protocol/refusals';
import type { Route } from '../protocol/route';
import { checkoutRoutes } from './checkout';
import { customerRoutes } from './customers';
import { eventRoutes } from './events';
import { invoiceRoutes } from './invoices';
import { portalRoutes } from './portal';
import { priceRoutes } from './prices';
import { productRoutes } from './products';
import { scheduleRoutes } from './schedules';
import { subscriptionRoutes } from './subscriptions';

// A path without an id comes before one with an id in the same place.
const ROUTES: readonly (Route & { readonly pattern: RegExp })[] = [
  ...checkoutRoutes,
  ...customerRoutes,
  ...eventRoutes,
  ...invoiceRoutes,
  ...portalRoutes,
  ...priceRoutes,
  ...productRoutes,
  ...scheduleRoutes,
  ...subscriptionRoutes,
].map((route) => ({ ...route, pattern: new RegExp(`^${route.path.replace(':id', '([^/]+)')}$`) }));

/** @throws Refusal for what Stripe has no such thing of, or this stand-in doesn't know */
export function findRoute(method: string, path: string): { readonly route: Route; readonly id: string } {
  for (const route of ROUTES) {
    const found = route.method === method ? route.pattern.exec(path) : null;
    if (found !== null) return { route, id: decodeURIComponent(found[1] ?? '') };
  }
  throw noSuchRoute(method, path);
}
