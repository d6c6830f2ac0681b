import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { type Opened, opened } from './opened.fixtures';

const SECRET = 'whsec_unit';

describe("The webhooks of Stripe's stand-in", () => {
  let world: Opened;
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver();
    world = await opened({ webhook: { url: receiver.url, secret: SECRET } });
  });
  afterEach(async () => {
    await world.sandbox.stop();
    await receiver.stop();
  });

  const read = (post: Post, secret = SECRET): Stripe.Event =>
    world.stripe.webhooks.constructEvent(post.body, post.signature, secret);

  it('wait until they are delivered, in any order, as often as wanted, or never', async () => {
    const { sandbox } = world;
    await sandbox.price({ amount: 1900 });
    const [product, price] = sandbox.events;
    expect(receiver.posts).toHaveLength(0);
    expect(await sandbox.deliver(price!.id)).toBe(200);
    expect(await sandbox.deliver(product!.id)).toBe(200);
    expect(await sandbox.deliver(price!.id)).toBe(200);
    expect(receiver.posts.map((post) => read(post).type)).toEqual([
      'price.created',
      'product.created',
      'price.created',
    ]);
    expect(sandbox.undelivered).toHaveLength(0);
  });

  it('are signed so that the library takes them, and only with the right secret and a fresh time', async () => {
    const { sandbox } = world;
    await sandbox.price({ amount: 1900 });
    const { id } = sandbox.events[0]!;
    await sandbox.deliver(id, { secret: 'whsec_other' });
    await sandbox.deliver(id, { timestamp: Math.floor(Date.now() / 1000) - 600 });
    for (const post of receiver.posts) expect(() => read(post)).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });

  it('carry two signatures while a secret is replaced', async () => {
    const { sandbox } = world;
    sandbox.setWebhook({ url: receiver.url, secret: 'whsec_new', previousSecret: SECRET });
    await sandbox.price({ amount: 1900 });
    await sandbox.deliver(sandbox.events[0]!.id);
    const [post] = receiver.posts;
    expect(post!.signature.match(/v1=/g)).toHaveLength(2);
    expect([read(post!, SECRET).id, read(post!, 'whsec_new').id]).toEqual([
      sandbox.events[0]!.id,
      sandbox.events[0]!.id,
    ]);
  });

  it('can be of another version, or be spoiled', async () => {
    const { sandbox } = world;
    await sandbox.price({ amount: 1900 });
    const { id } = sandbox.events[0]!;
    await sandbox.deliver(id, { apiVersion: '2020-08-27' });
    await sandbox.deliver(id, { body: (event) => ({ ...event, type: 'surprise.happened' }) });
    expect(read(receiver.posts[0]!).api_version).toBe('2020-08-27');
    expect(read(receiver.posts[1]!).type).toBe('surprise.happened');
  });

  it('count as failed until somebody takes them', async () => {
    const { sandbox, stripe } = world;
    await sandbox.price({ amount: 1900 });
    const [product, price] = sandbox.events;
    receiver.answers(503);
    expect(await sandbox.deliver(product!.id)).toBe(503);
    receiver.answers(204);
    await sandbox.deliver(price!.id);
    const failed = await stripe.events.list({ delivery_success: false });
    expect(failed.data.map(({ id }) => id)).toEqual([product!.id]);
  });

  it('go out by themselves, in order, and are repeated until they are taken', async () => {
    const { sandbox } = world;
    sandbox.release();
    receiver.answers(500);
    await sandbox.price({ amount: 1900 });
    expect(receiver.posts).toHaveLength(2);
    await sandbox.clock.advance({ minutes: 4 });
    expect(receiver.posts).toHaveLength(2);
    receiver.answers(200);
    await sandbox.clock.advance({ minutes: 1 });
    expect(sandbox.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [1, 500],
      [2, 200],
      [2, 200],
    ]);
    await sandbox.clock.advance({ days: 4 });
    expect(receiver.posts).toHaveLength(4);
  });

  it('are given up after three days', async () => {
    const { sandbox } = world;
    sandbox.release();
    receiver.answers(500);
    await sandbox.act.setCard({ customer: (await world.stripe.customers.create()).id, card: 'works' });
    await sandbox.clock.advance({ days: 10 });
    const [first] = sandbox.events;
    expect(sandbox.deliveries.filter(({ eventId }) => eventId === first!.id)).toHaveLength(10);
  });

  it('are only of the types that are wanted', async () => {
    const { sandbox } = world;
    sandbox.setWebhook({ url: receiver.url, secret: SECRET, events: ['price.*'] });
    sandbox.release();
    await sandbox.price({ amount: 1900 });
    expect(receiver.posts.map((post) => read(post).type)).toEqual(['price.created']);
  });

  it('arrive before the answer where that is slow', async () => {
    const { sandbox, stripe } = world;
    sandbox.release();
    sandbox.order({ answer: { kind: 'slow', delayMs: 600_000 } });
    const answer = stripe.customers.create().catch(() => 'never answered');
    await receiver.next();
    expect(sandbox.requests[0]!.answeredStatus).toBeUndefined();
    await sandbox.stop();
    expect(await answer).toBe('never answered');
  });

  it('can be read for thirty days', async () => {
    const { sandbox, stripe } = world;
    await sandbox.price({ amount: 1900 });
    const { id } = sandbox.events[0]!;
    await sandbox.clock.advance({ days: 30 });
    expect((await stripe.events.retrieve(id)).type).toBe('product.created');
    await sandbox.clock.advance({ seconds: 1 });
    await expect(stripe.events.retrieve(id)).rejects.toThrow(/No such event/);
    expect((await stripe.events.list({ types: ['product.created'] })).data).toEqual([]);
  });
});

interface Post {
  readonly body: string;
  readonly signature: string;
}

interface Receiver {
  readonly url: string;
  readonly posts: readonly Post[];
  answers(status: number): void;
  next(): Promise<void>;
  stop(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const posts: Post[] = [];
  const waiting: (() => void)[] = [];
  let status = 200;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({
        body: Buffer.concat(chunks).toString('utf8'),
        signature: String(request.headers['stripe-signature']),
      });
      response.writeHead(status).end();
      for (const tell of waiting.splice(0)) tell();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    posts,
    answers: (next) => (status = next),
    next: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => stopServer(server),
  };
}

function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
