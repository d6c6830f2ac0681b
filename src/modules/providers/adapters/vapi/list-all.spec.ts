import { listAll } from './list-all';
import type { VapiApi, VapiRead } from './vapi-api';
import { VapiAssistant } from './vapi.wire';

type Item = Record<string, unknown>;

/** An account with so many things, as Vapi lists them: the newest first, a thousand at a time. */
class Account {
  readonly queries: Record<string, string | number>[] = [];

  constructor(private readonly items: readonly Item[]) {}

  get(_path: string, query: Record<string, string | number>): Promise<VapiRead> {
    this.queries.push(query);
    const { createdAtLe = '9999' } = query;
    const body = this.items
      .filter((item) => String(item.createdAt) <= String(createdAtLe))
      .slice(0, Number(query.limit));
    return Promise.resolve({ kind: 'read', body });
  }
}

const items = (count: number, moments: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `item-${index}`,
    createdAt: new Date(2e12 - Math.floor((index * moments) / count) * 1000).toISOString(),
  }));
const list = (account: Account) => listAll(account as unknown as VapiApi, '/assistant', { schema: VapiAssistant });

describe('listAll', () => {
  it('reads page after page, things of one moment on two pages included', async () => {
    const account = new Account(items(2_500, 300));
    const result = await list(account);
    if (result.kind !== 'listed') throw new Error('listed');
    expect(new Set(result.items.map((item) => item.id)).size).toBe(2_500);
    expect(result.items).toHaveLength(2_500);
    expect(account.queries).toHaveLength(3);
  });

  it('ends where a page brings nothing new', async () => {
    const account = new Account(items(1_500, 1));
    expect(await list(account)).toMatchObject({ kind: 'listed' });
    expect(account.queries).toHaveLength(2);
  });

  it('skips what cannot be read', async () => {
    const account = new Account([{ id: 7 }, { id: 'good', createdAt: '2026' }]);
    expect(await list(account)).toMatchObject({ kind: 'listed', items: [{ id: 'good' }] });
  });
});
