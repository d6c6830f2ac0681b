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
    events.subscribe(Rang, async ({ id }) => {
      await Promise.resolve();
      heard.push(`first ${id}`);
    });
    events.subscribe(Rang, async ({ id }) => void heard.push(`second ${id}`));
    events.subscribe(Ended, async () => void heard.push('ended'));
    await events.publish(new Rang('a'));
    expect(heard).toEqual(['first a', 'second a']);
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
