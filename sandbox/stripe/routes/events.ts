import { DAY } from '../life/calendar';
import type { Endpoint, SandboxEvent } from '../objects/wire';
import { emptyable, flag, list, metadata, moment, text, url } from '../protocol/params';
import { isWithin, page, PAGING } from '../protocol/pages';
import { invalid, missing } from '../protocol/refusals';
import { merged, orNull, route, type Route } from '../protocol/route';
import type { World } from '../world';

/** How far back events can be read. */
const KEPT = 30 * DAY;
const MOST_TYPES = 20;

const LIST = { ...PAGING, type: text, types: list(text), created: moment, delivery_success: flag };

const kept = (world: World): readonly SandboxEvent[] =>
  world.events.filter(({ created }) => created >= world.now - KEPT);

const events: readonly Route[] = [
  route(['GET', '/v1/events'], { takes: LIST }, (world, params) => {
    if (params.type !== undefined && params.types !== undefined) {
      throw invalid('You may only specify one of these parameters: type, types.', 'types');
    }
    if ((params.types?.length ?? 0) > MOST_TYPES) throw invalid(`You can name up to ${MOST_TYPES} types.`, 'types');
    const types = params.types ?? (params.type === undefined ? undefined : [params.type]);
    const found = kept(world)
      .filter(({ type }) => types === undefined || types.some((wanted) => fits(type, wanted)))
      .filter(({ created }) => isWithin(created, params.created))
      .filter(
        (event) => params.delivery_success === undefined || params.delivery_success === (event.pending_webhooks === 0),
      );
    return page(found, params, '/v1/events');
  }),
  route(['GET', '/v1/events/:id'], { takes: {} }, (world, _params, id) => {
    const event = kept(world).find((other) => other.id === id);
    if (event === undefined) throw missing('event', id);
    return event;
  }),
];

const fits = (type: string, wanted: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

const ENDPOINT = { url, enabled_events: list(text), description: emptyable(text), metadata };

const endpoints: readonly Route[] = [
  route(
    ['POST', '/v1/webhook_endpoints'],
    { takes: { ...ENDPOINT, api_version: text }, needs: ['url', 'enabled_events'] },
    (world, params) => {
      const endpoint: Endpoint = {
        id: world.ids.next('we', 24),
        object: 'webhook_endpoint',
        api_version: params.api_version ?? null,
        application: null,
        created: world.now,
        description: params.description ? params.description : null,
        enabled_events: [...params.enabled_events],
        livemode: false,
        metadata: merged(null, params.metadata),
        status: 'enabled',
        url: params.url,
      };
      world.add('webhook_endpoint', endpoint);
      return { ...endpoint, secret: world.ids.next('whsec', 32) };
    },
  ),
  route(['GET', '/v1/webhook_endpoints/:id'], { takes: {} }, (world, _params, id) => world.get('webhook_endpoint', id)),
  route(['POST', '/v1/webhook_endpoints/:id'], { takes: { ...ENDPOINT, disabled: flag } }, (world, params, id) => {
    const endpoint = world.get('webhook_endpoint', id);
    if (params.url !== undefined) endpoint.url = params.url;
    if (params.enabled_events !== undefined) endpoint.enabled_events = [...params.enabled_events];
    if (params.description !== undefined) endpoint.description = orNull(params.description);
    if (params.disabled !== undefined) endpoint.status = params.disabled ? 'disabled' : 'enabled';
    endpoint.metadata = merged(endpoint.metadata, params.metadata);
    return endpoint;
  }),
  route(['DELETE', '/v1/webhook_endpoints/:id'], { takes: {} }, (world, _params, id) => {
    world.get('webhook_endpoint', id);
    world.forget('webhook_endpoint', id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
  route(['GET', '/v1/webhook_endpoints'], { takes: PAGING }, (world, params) =>
    page(world.all('webhook_endpoint'), params, '/v1/webhook_endpoints'),
  ),
];

export const eventRoutes: readonly Route[] = [...events, ...endpoints];
