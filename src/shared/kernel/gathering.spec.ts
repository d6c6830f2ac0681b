import { Gathering } from './gathering';

describe('Gathering', () => {
  let groups: string[][];
  let held: (() => void)[];
  let givenUp: string[];
  beforeEach(() => {
    groups = [];
    held = [];
    givenUp = [];
  });
  const limits = (most: number, patienceMs = 60_000) => ({
    most,
    patienceMs,
    onGivenUp: (error: unknown, size: number) => void givenUp.push(`${size}: ${(error as Error).message}`),
  });

  const hold = () => new Promise<void>((resolve) => held.push(resolve));
  const turn = () => new Promise(setImmediate);
  const letGo = async () => {
    held.shift()?.();
    for (let turns = 0; turns < 3; turns += 1) await turn();
  };
  const gather = (most = 10) =>
    new Gathering<string, string>(
      async (items) => {
        groups.push([...items]);
        await hold();
        if (items.includes('bad')) throw new Error('one is bad');
        return items.map((item) => `${item} done`);
      },
      async (item) => {
        groups.push([`${item} alone`]);
        if (item === 'bad') throw new Error('this is bad');
        return `${item} done alone`;
      },
      limits(most),
    );

  it('does together what comes at the same time, and then what comes meanwhile', async () => {
    const gathering = gather();
    const results = ['a', 'b'].map((item) => gathering.add(item));
    await letGo();
    expect(groups).toEqual([['a', 'b']]);
    results.push(...['c', 'd'].map((item) => gathering.add(item)));
    await letGo();
    await letGo();
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await Promise.all(results)).toEqual(['a done', 'b done', 'c done', 'd done']);
  });

  it('does no more together than it may', async () => {
    const gathering = gather(2);
    const results = Promise.all(['a', 'b', 'c', 'd'].map((item) => gathering.add(item)));
    for (let round = 0; round < 3; round += 1) await letGo();
    await results;
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('begins again after it was idle', async () => {
    const gathering = gather();
    for (const item of ['a', 'b']) {
      const result = gathering.add(item);
      await letGo();
      await letGo();
      expect(await result).toBe(`${item} done`);
    }
    expect(groups).toEqual([['a'], ['b']]);
  });

  it('does each alone when they could not be done together, and only what is bad rejects', async () => {
    const gathering = gather();
    const results = Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => gathering.add(item)));
    await letGo();
    await letGo();
    expect(await results).toMatchObject([
      { value: 'a done alone' },
      { value: 'b done alone' },
      { reason: new Error('this is bad') },
      { value: 'c done alone' },
    ]);
    expect(givenUp).toEqual(['4: one is bad']);
  });

  it('is not held up by those that are done alone', async () => {
    const gathering = new Gathering<string, string>(
      async (items) => {
        groups.push([...items]);
        if (items.includes('bad')) throw new Error('bad');
        return items;
      },
      () => new Promise(() => undefined),
      limits(1),
    );
    void gathering.add('bad');
    expect(await gathering.add('good')).toBe('good');
  });

  it('does alone what is not done together in time, and goes on', async () => {
    const gathering = new Gathering<string, string>(
      (items) => (items.includes('stuck') ? new Promise(() => undefined) : Promise.resolve(items)),
      async (item) => `${item} alone`,
      limits(10, 5),
    );
    expect(await gathering.add('stuck')).toBe('stuck alone');
    expect(givenUp).toEqual(['1: Not done together within 5 ms']);
    expect(await gathering.add('next')).toBe('next');
  });
});
