import Stripe from 'stripe';
import { StripeOperations } from './stripe-operations';

interface Made {
  readonly name: string;
}
const answer = (name: string, isReplayed: boolean) =>
  ({
    name,
    lastResponse: { headers: isReplayed ? { 'idempotent-replayed': 'true' } : {} },
  }) as unknown as Stripe.Response<Made>;
const failure = (isReplayed: boolean) =>
  new Stripe.errors.StripeAPIError({
    message: 'failed',
    statusCode: 500,
    headers: isReplayed ? { 'idempotent-replayed': 'true' } : {},
  });

describe('StripeOperations', () => {
  let operations: StripeOperations;
  const keys: string[] = [];
  beforeEach(() => {
    operations = new StripeOperations();
    keys.length = 0;
  });

  /** Stripe as far as keys go: what each brings, in the end for good. */
  const sender =
    (answers: Readonly<Record<string, Stripe.Response<Made> | Error>>) =>
    async ({ idempotencyKey = '' }: Stripe.RequestOptions): Promise<Stripe.Response<Made>> => {
      keys.push(idempotencyKey);
      const found = answers[idempotencyKey];
      if (found === undefined || found instanceof Error) throw found ?? new Error('unexpected key');
      return found;
    };

  it('sends one request with the key', async () => {
    const send = sender({ k: answer('made', false) });
    expect(await operations.once({ key: 'k', send })).toMatchObject({ name: 'made' });
    expect(keys).toEqual(['k']);
  });

  it('goes on to the next key when the first brings a failure for good', async () => {
    const send = sender({ k: failure(true), 'k:2': answer('made', false) });
    expect(await operations.once({ key: 'k', send })).toMatchObject({ name: 'made' });
    await operations.once({ key: 'k', send });
    expect(keys).toEqual(['k', 'k:2', 'k:2']);
  });

  it('keeps the key when the failure is new: nobody knows yet what the key will bring', async () => {
    await expect(operations.once({ key: 'k', send: sender({ k: failure(false) }) })).rejects.toThrow();
    await operations.once({ key: 'k', send: sender({ k: answer('made', true) }) });
    expect(keys).toEqual(['k', 'k']);
  });

  it('uses up no more than one further key per call while there is trouble', async () => {
    const send = sender({ k: failure(true), 'k:2': failure(true), 'k:3': answer('made', false) });
    await expect(operations.once({ key: 'k', send })).rejects.toThrow('failed');
    expect(keys).toEqual(['k', 'k:2']);
    expect(await operations.once({ key: 'k', send })).toMatchObject({ name: 'made' });
    expect(keys).toEqual(['k', 'k:2', 'k:2', 'k:3']);
  });

  it('takes what the failed key made all the same', async () => {
    const send = sender({ k: failure(true) });
    const look = () => Promise.resolve({ name: 'found' });
    expect(await operations.once({ key: 'k', send, look })).toEqual({ name: 'found' });
  });

  it('makes another one when what the key made is over, but only then', async () => {
    const send = sender({ k: answer('first', true), 'k:2': answer('second', true), 'k:3': answer('third', false) });
    const isOver = ({ name }: Made) => Promise.resolve(name !== 'second');
    expect(await operations.once({ key: 'k', send, isOver })).toMatchObject({ name: 'second' });
    expect(keys).toEqual(['k', 'k:2']);
  });

  it('does not doubt what was made just now', async () => {
    const isOver = () => Promise.resolve(true);
    const made = await operations.once({ key: 'k', send: sender({ k: answer('new', false) }), isOver });
    expect(made).toMatchObject({ name: 'new' });
  });

  it('leaves other errors alone', async () => {
    await expect(operations.once({ key: 'k', send: sender({ k: new TypeError('a bug') }) })).rejects.toThrow('a bug');
    expect(keys).toEqual(['k']);
  });
});
