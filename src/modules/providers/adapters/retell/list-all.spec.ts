import { z } from 'zod';
import { listAll } from './list-all';
import type { RetellRead } from './retell-api';

const Item = z.object({ id: z.string() });

/** Pages by the key that asks for them, and the keys that were asked for. */
class Pages {
  readonly asked: (string | undefined)[] = [];

  constructor(private readonly pages: Readonly<Record<string, unknown>>) {}

  list() {
    return listAll((key) => {
      this.asked.push(key);
      const body = this.pages[key ?? 'first'];
      const read: RetellRead = body === undefined ? { kind: 'not-found' } : { kind: 'read', body };
      return Promise.resolve(read);
    }, Item);
  }
}

describe('listAll', () => {
  it('follows the keys to the last page and skips what cannot be read', async () => {
    const pages = new Pages({
      first: { items: [{ id: 'a' }, { id: 7 }], has_more: true, pagination_key: 'k1' },
      k1: { items: [{ id: 'b' }], has_more: true, pagination_key: 'k2' },
      k2: { items: [{ id: 'c' }], has_more: false, pagination_key: 'k3' },
    });
    expect(await pages.list()).toEqual({ kind: 'listed', items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
    expect(pages.asked).toEqual([undefined, 'k1', 'k2']);
  });

  it.each([
    ['names no key', { items: [{ id: 'a' }], has_more: true }],
    ['names the same key again', { items: [{ id: 'a' }], has_more: true, pagination_key: 'first' }],
  ])('takes a part for none when a page with more behind it %s', async (_what, first) => {
    const pages = new Pages({ first });
    expect(await pages.list()).toMatchObject({ kind: 'failed' });
    expect(pages.asked.length).toBeLessThanOrEqual(2);
  });

  it('ends a list that never does', async () => {
    let page = 0;
    const list = await listAll(() => {
      page += 1;
      return Promise.resolve({ kind: 'read', body: { items: [], has_more: true, pagination_key: `k${page}` } });
    }, Item);
    expect(list).toMatchObject({ kind: 'failed' });
    expect(page).toBe(200);
  });

  it.each([[[]], [{}], [null], [{ items: 'none' }], [undefined]])('takes %p for no list', async (first) => {
    expect(await new Pages({ first }).list()).toEqual({ kind: 'failed', detail: 'Retell answered no list.' });
  });

  it('says why a page could not be read', async () => {
    const failed = { kind: 'failed', status: 503, detail: 'Retell answered 503.' } as const;
    expect(await listAll(() => Promise.resolve(failed), Item)).toEqual({
      kind: 'failed',
      detail: 'Retell answered 503.',
    });
  });
});
