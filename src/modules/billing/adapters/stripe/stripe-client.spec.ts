import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { API_VERSION, createStripe, STRIPE_PATIENCE } from './stripe-client';

describe('the client of Stripe', () => {
  const requests: IncomingMessage[] = [];
  let server: Server;

  beforeEach(async () => {
    requests.length = 0;
    server = createServer((request, response) => {
      requests.push(request);
      response.setHeader('request-id', `req_${requests.length}`);
      response.end(JSON.stringify({ id: 'cus_1', object: 'customer' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const connect = (apiBaseUrl: string | undefined) =>
    createStripe({ secretKey: 'some-key', webhookSecrets: [], apiBaseUrl }, STRIPE_PATIENCE);
  const local = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it('names the version it is written for, which is the one that its types are of', async () => {
    await connect(local()).customers.retrieve('cus_1');
    expect(requests[0]!.headers['stripe-version']).toBe(API_VERSION);
    expect(Stripe.API_VERSION).toBe(API_VERSION);
  });

  it('tells nothing about its requests', async () => {
    const stripe = connect(local());
    await stripe.customers.retrieve('cus_1');
    await stripe.customers.retrieve('cus_1');
    expect(requests).toHaveLength(2);
    for (const { headers } of requests) expect(headers).not.toHaveProperty('x-stripe-client-telemetry');
    expect(JSON.parse(String(requests[1]!.headers['x-stripe-client-user-agent']))).not.toHaveProperty('telemetry_id');
  });

  it('gives every POST a key, so that the library may repeat it', async () => {
    await connect(local()).customers.create({});
    expect(requests[0]!.headers['idempotency-key']).toMatch(/./);
  });

  it.each([
    [undefined, 'api.stripe.com', '443', 'https'],
    ['https://stripe.example.com', 'stripe.example.com', 443, 'https'],
    ['http://stand-in:4012/', 'stand-in', '4012', 'http'],
    ['http://stand-in', 'stand-in', 80, 'http'],
    ['http://[::1]:4012', '::1', '4012', 'http'],
  ])('asks %s at %s:%s by %s', (url, host, port, protocol) => {
    const stripe = connect(url);
    expect([stripe.getApiField('host'), stripe.getApiField('port'), stripe.getApiField('protocol')]).toEqual([
      host,
      port,
      protocol,
    ]);
  });

  it('waits for seconds, not for minutes', () => {
    expect(connect(undefined).getApiField('timeout')).toBe(10_000);
    expect(connect(undefined).getMaxNetworkRetries()).toBe(2);
  });
});
