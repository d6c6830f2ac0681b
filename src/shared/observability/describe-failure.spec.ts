import { describeFailure } from './describe-failure';

describe('describeFailure', () => {
  it('shows a query and its cause, but never its parameters', () => {
    const failure = Object.assign(new Error('insert into people values ($1) params: +12025550123'), {
      query: 'insert into people values ($1)',
      params: ['+12025550123'],
      cause: new Error('too long'),
    });
    const text = describeFailure(new Error('Saving failed', { cause: failure }));
    expect(text).toContain('Saving failed');
    expect(text).toContain('insert into people values ($1)');
    expect(text).toContain('too long');
    expect(text).not.toContain('+12025550123');
  });

  it('copes with what is no error', () => {
    expect(describeFailure('out of paper')).toBe('out of paper');
    expect(describeFailure({ password: 'hunter2' })).not.toContain('hunter2');
  });
});
