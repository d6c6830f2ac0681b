import { newProduct } from '../objects/catalog';
import { emptyable, flag, list, metadata, moment, shape, text, url } from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { invalid } from '../protocol/refusals';
import { given, merged, orNull, route, type Route } from '../protocol/route';

const features = list(shape({ name: text }, ['name']));

export const productRoutes: readonly Route[] = [
  route(
    ['POST', '/v1/products'],
    {
      takes: {
        id: text,
        name: text,
        active: flag,
        description: text,
        metadata,
        marketing_features: features,
        images: list(url),
      },
      needs: ['name'],
    },
    (world, params) => {
      if (params.id !== undefined && world.find('product', params.id) !== undefined) {
        throw invalid(`Product already exists.`, 'id', 'resource_already_exists');
      }
      const { name, id, active, description } = params;
      const product = newProduct(world, {
        name,
        ...given({ id, active, description }),
        metadata: merged(null, params.metadata),
        features: (params.marketing_features ?? []).map((feature) => feature.name),
      });
      return world.add('product', product, 'product.created');
    },
  ),
  route(['GET', '/v1/products/:id'], { takes: {} }, (world, _params, id) => world.get('product', id)),
  route(
    ['POST', '/v1/products/:id'],
    {
      takes: {
        name: text,
        active: flag,
        description: emptyable(text),
        metadata,
        marketing_features: features,
        default_price: text,
        images: list(url),
      },
    },
    (world, params, id) => {
      const product = world.get('product', id);
      if (params.default_price !== undefined) world.get('price', params.default_price, 'default_price');
      world.change(product, 'product.updated', () => {
        if (params.name !== undefined) product.name = params.name;
        if (params.active !== undefined) product.active = params.active;
        if (params.description !== undefined) product.description = orNull(params.description);
        if (params.default_price !== undefined) product.default_price = params.default_price;
        if (params.marketing_features !== undefined) product.marketing_features = [...params.marketing_features];
        product.metadata = merged(product.metadata, params.metadata);
        product.updated = world.now;
      });
      return product;
    },
  ),
  route(
    ['GET', '/v1/products'],
    { takes: { ...PAGING, active: flag, ids: list(text), created: moment } },
    (world, { active, ids, created, ...paging }) => {
      const found = world
        .all('product')
        .filter((product) => active === undefined || product.active === active)
        .filter((product) => ids?.includes(product.id) ?? true)
        .filter((product) => isWithin(product.created, created));
      return page(found, paging, '/v1/products');
    },
  ),
];
