import type { Call } from './api-types';
import { ProgressTracker } from './progress';

const people = ['Ada', 'Grace', 'Alan'].map((name, index) => ({ id: name, name, number: `+1202555011${index}` }));

const call = (id: string, status: Call['status'], code?: string): Call => ({
  id,
  status,
  recipientNumber: '',
  customVariables: {},
  failure: code === undefined ? null : { code, detail: '' },
});

const names = (slots: readonly ({ readonly name: string } | undefined)[]): unknown[] => slots.map((slot) => slot?.name);

describe('progress', () => {
  it('counts, and keeps each call in its place', () => {
    const tracker = new ProgressTracker(people, 2);
    const first = tracker.look([call('Ada', 'in-progress'), call('Grace', 'in-progress'), call('Alan', 'queued')], 0);
    expect(first).toMatchObject({ total: 3, queued: 1, done: 0 });
    expect(names(first.slots)).toEqual(['Ada', 'Grace']);
    const ended = [call('Ada', 'completed'), call('Grace', 'in-progress'), call('Alan', 'in-progress')];
    const second = tracker.look(ended, 5_000);
    expect(second).toMatchObject({ queued: 0, done: 1 });
    expect(second.slots).toMatchObject([
      { name: 'Alan', elapsedMs: 0 },
      { name: 'Grace', elapsedMs: 5_000 },
    ]);
  });

  it('tells each change once, with the reason of a failure', () => {
    const tracker = new ProgressTracker(people, 2);
    const calls = [call('Ada', 'failed', 'no_answer'), call('Grace', 'in-progress')];
    expect(tracker.look(calls, 0).news.map(({ text }) => text)).toEqual(['failed: no answer', 'in-progress']);
    expect(tracker.look(calls, 1).news).toEqual([]);
  });

  it('shows more calls than there should be rather than hiding one', () => {
    const tracker = new ProgressTracker(people, 1);
    const { slots } = tracker.look([call('Ada', 'in-progress'), call('Grace', 'in-progress')], 0);
    expect(names(slots)).toEqual(['Ada', 'Grace']);
  });

  it('takes no notice of calls of somebody else', () => {
    expect(new ProgressTracker(people, 1).look([call('Eve', 'in-progress')], 0)).toMatchObject({ queued: 3, news: [] });
  });
});
