import { InProcessDomainEvents } from './in-process-domain-events';

class Rang {
  constructor(readonly id: string) {}
}
class Ended {
  readonly at = 'now';
}

describe('InProcessDomainEvents', () => {
  let events: InProcessDomainEvents;
  let heard: string[];
  beforeEach(() => {
    events = new InProcessDomainEvents();
    heard = [];
  });

  it('tells every subscriber of the fact, one after the other, in the order of subscription', async () => {
    events.subscribe(Rang, async ([rang]) => {
      await Promise.resolve();
      heard.push(`first ${rang?.id}`);
    });
    events.subscribe(Rang, async ([rang]) => void heard.push(`second ${rang?.id}`));
    events.subscribe(Ended, async () => void heard.push('ended'));
    await events.publish(new Rang('a'));
    expect(heard).toEqual(['first a', 'second a']);
  });

  it('tells facts of one type together, and the types in the order in which they first occur', async () => {
    events.subscribe(Ended, async (ended) => void heard.push(`${ended.length} ended`));
    events.subscribe(Rang, async (rang) => void heard.push(`${rang.map(({ id }) => id).join()} rang`));
    await events.publish(new Rang('a'), new Ended(), new Rang('b'), new Ended());
    expect(heard).toEqual(['a,b rang', '2 ended']);
  });

  it('tells nobody of nothing', async () => {
    events.subscribe(Rang, async () => void heard.push('rang'));
    await events.publish();
    expect(heard).toEqual([]);
  });

  it('rejects when a subscriber does, and asks no further one', async () => {
    events.subscribe(Rang, () => Promise.reject(new Error('no')));
    events.subscribe(Rang, async () => void heard.push('second'));
    await expect(events.publish(new Rang('a'))).rejects.toThrow('no');
    expect(heard).toEqual([]);
  });

  it('needs no subscriber', async () => {
    await expect(events.publish(new Ended())).resolves.toBeUndefined();
  });
});
