import { newPrice } from '../objects/catalog';
import type { Price } from '../objects/wire';
import { isWithin, page, PAGING } from '../protocol/pages';
import { choice, emptyable, flag, integer, list, metadata, moment, shape, text } from '../protocol/params';
import { invalid } from '../protocol/refusals';
import { given, merged, orNull, route, type Route } from '../protocol/route';
import type { World } from '../world';

const INTERVALS = choice('day', 'week', 'month', 'year');
const recurring = shape({ interval: INTERVALS, interval_count: integer, usage_type: choice('licensed') }, ['interval']);

export const priceRoutes: readonly Route[] = [
  route(
    ['POST', '/v1/prices'],
    {
      takes: {
        currency: text,
        unit_amount: integer,
        product: text,
        recurring,
        lookup_key: text,
        transfer_lookup_key: flag,
        nickname: text,
        active: flag,
        metadata,
        billing_scheme: choice('per_unit'),
        tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
      },
      needs: ['currency', 'product', 'unit_amount'],
    },
    (world, params) => {
      const product = world.get('product', params.product, 'product');
      takeLookupKey(world, params.lookup_key, params.transfer_lookup_key === true);
      const price = newPrice(world, {
        product: product.id,
        currency: params.currency.toLowerCase(),
        amount: params.unit_amount,
        ...given({
          recurring: params.recurring && {
            interval: params.recurring.interval,
            count: params.recurring.interval_count ?? 1,
          },
          lookupKey: params.lookup_key,
          nickname: params.nickname,
          active: params.active,
          taxBehavior: params.tax_behavior,
        }),
        metadata: merged(null, params.metadata),
      });
      return world.add('price', price, 'price.created');
    },
  ),
  route(['GET', '/v1/prices/:id'], { takes: {} }, (world, _params, id) => world.get('price', id)),
  route(
    ['POST', '/v1/prices/:id'],
    {
      takes: {
        active: flag,
        lookup_key: emptyable(text),
        transfer_lookup_key: flag,
        nickname: emptyable(text),
        metadata,
        tax_behavior: choice('exclusive', 'inclusive', 'unspecified'),
      },
    },
    (world, params, id) => {
      const price = world.get('price', id);
      if (params.lookup_key !== price.lookup_key) {
        takeLookupKey(
          world,
          params.lookup_key === '' ? undefined : params.lookup_key,
          params.transfer_lookup_key === true,
        );
      }
      world.change(price, 'price.updated', () => {
        if (params.active !== undefined) price.active = params.active;
        if (params.lookup_key !== undefined) price.lookup_key = orNull(params.lookup_key);
        if (params.nickname !== undefined) price.nickname = orNull(params.nickname);
        if (params.tax_behavior !== undefined) price.tax_behavior = params.tax_behavior;
        price.metadata = merged(price.metadata, params.metadata);
      });
      return price;
    },
  ),
  route(
    ['GET', '/v1/prices'],
    {
      takes: {
        ...PAGING,
        active: flag,
        currency: text,
        product: text,
        lookup_keys: list(text),
        type: choice('one_time', 'recurring'),
        recurring: shape({ interval: INTERVALS, usage_type: choice('licensed', 'metered') }),
        created: moment,
      },
    },
    (world, params) =>
      page(
        world.all('price').filter((price) => isWanted(price, params)),
        params,
        '/v1/prices',
      ),
  ),
];

interface Wanted {
  readonly active?: boolean;
  readonly currency?: string;
  readonly product?: string;
  readonly lookup_keys?: readonly string[];
  readonly type?: string;
  readonly recurring?: { readonly interval?: string };
  readonly created?: Parameters<typeof isWithin>[1];
}

function isWanted(price: Price, wanted: Wanted): boolean {
  const tests = [
    wanted.active === undefined || price.active === wanted.active,
    wanted.currency === undefined || price.currency === wanted.currency,
    wanted.product === undefined || price.product === wanted.product,
    wanted.lookup_keys === undefined || wanted.lookup_keys.includes(price.lookup_key ?? ''),
    wanted.type === undefined || price.type === wanted.type,
    wanted.recurring?.interval === undefined || price.recurring?.interval === wanted.recurring.interval,
    isWithin(price.created, wanted.created),
  ];
  return tests.every(Boolean);
}

/** A key names one price: a second one takes it over only if told so. */
function takeLookupKey(world: World, key: string | undefined, transfers: boolean): void {
  const holder = key === undefined ? undefined : world.all('price').find((price) => price.lookup_key === key);
  if (holder === undefined) return;
  if (!transfers) {
    throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key');
  }
  world.change(holder, 'price.updated', () => (holder.lookup_key = null));
}
