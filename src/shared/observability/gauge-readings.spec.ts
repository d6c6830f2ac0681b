import { Metrics } from './metrics';

/** What a scrape shows of the gauge, line by line. */
async function shown(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

/** A gauge whose reading the test answers. */
function openReading(metrics: Metrics, name: string) {
  const gauge = metrics.gauge({ name: `test_${name}`, help: name });
  const answers: ((value: number) => void)[] = [];
  const reading = {
    name,
    gauges: [gauge],
    read: () => new Promise<number>((resolve) => void answers.push(resolve)),
    show: (value: number) => gauge.set(value),
  };
  metrics.readings.register(reading);
  return answers;
}

describe('readings of gauges', () => {
  let metrics: Metrics;
  let reads: number;
  let answer: () => Promise<number>;

  beforeEach(() => {
    jest.useFakeTimers();
    metrics = new Metrics();
    reads = 0;
    answer = () => Promise.resolve(7);
    const gauge = metrics.gauge({ name: 'test_waiting', help: 'waiting' });
    const read = () => {
      reads += 1;
      return answer();
    };
    metrics.readings.register({ name: 'queue', gauges: [gauge], read, show: (value) => gauge.set(value) });
  });
  afterEach(() => jest.useRealTimers());

  it('are made when somebody asks', async () => {
    expect(reads).toBe(0);
    expect(await shown(metrics, 'test_waiting')).toEqual(['test_waiting 7']);
    expect(await shown(metrics, 'ringonce_reading_success')).toEqual(['ringonce_reading_success{reading="queue"} 1']);
    expect(metrics.readings.hasRead('queue')).toBe(true);
  });

  it('are shared by all who ask at the same time, and shortly afterwards', async () => {
    await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    await jest.advanceTimersByTimeAsync(999);
    await metrics.text();
    expect(reads).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await metrics.text();
    expect(reads).toBe(2);
  });

  it('are good for ten times what they took', async () => {
    answer = () => new Promise((resolve) => setTimeout(() => resolve(7), 500));
    const first = metrics.text();
    await jest.advanceTimersByTimeAsync(500);
    await first;
    await jest.advanceTimersByTimeAsync(4_999);
    await metrics.text();
    expect(reads).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    void metrics.text();
    await jest.advanceTimersByTimeAsync(0);
    expect(reads).toBe(2);
  });

  it('are missing when they fail, without harm to the others', async () => {
    const gauge = metrics.gauge({ name: 'test_other', help: 'other', labelNames: ['provider'] });
    const show = (provider: string) => gauge.set({ provider }, 1);
    metrics.readings.register({ name: 'other', gauges: [gauge], read: () => Promise.resolve('a'), show });
    await metrics.text();
    await jest.advanceTimersByTimeAsync(1_000);
    answer = () => Promise.reject(new Error('The database is away'));
    expect(await shown(metrics, 'test_')).toEqual(['test_other{provider="a"} 1']);
    expect(await shown(metrics, 'ringonce_reading_success')).toContain('ringonce_reading_success{reading="queue"} 0');
    expect(metrics.readings.hasRead('queue')).toBe(false);
  });

  it('forget what is gone', async () => {
    const gauge = metrics.gauge({ name: 'test_other', help: 'other', labelNames: ['provider'] });
    let provider = 'a';
    const show = (one: string) => gauge.set({ provider: one }, 1);
    metrics.readings.register({ name: 'other', gauges: [gauge], read: () => Promise.resolve(provider), show });
    await metrics.text();
    provider = 'b';
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await shown(metrics, 'test_other')).toEqual(['test_other{provider="b"} 1']);
  });

  it('are given up when they do not answer, and what comes late is not shown', async () => {
    const silent = openReading(metrics, 'silent');
    const behind = openReading(metrics, 'behind');
    const scrape = shown(metrics, 'test_');
    await jest.advanceTimersByTimeAsync(4_000);
    expect(await scrape).toEqual(['test_waiting 7']);
    silent[0]!(9);
    expect(await shown(metrics, 'test_')).toEqual(['test_waiting 7']);
    expect(behind).toEqual([]);
  });

  it('run in what surrounds them', async () => {
    const surrounded: string[] = [];
    metrics.readings.within((read) => {
      surrounded.push('begin');
      return read().finally(() => surrounded.push('end'));
    });
    await metrics.text();
    expect(surrounded).toEqual(['begin', 'end']);
  });

  it('begin with the one that is to be first', async () => {
    const order: string[] = [];
    const note = (name: string) => () => Promise.resolve(order.push(name));
    metrics.readings.register({ name: 'later', gauges: [], read: note('later'), show: () => undefined });
    metrics.readings.register({ name: 'up', isFirst: true, gauges: [], read: note('up'), show: () => undefined });
    await metrics.text();
    expect(order).toEqual(['up', 'later']);
  });
});
