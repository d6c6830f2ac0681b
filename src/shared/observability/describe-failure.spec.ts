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

  it('shows statements that were sent together without the values in their text', () => {
    const query = "begin; select * from take_key('ada', '+12025550123', now()); commit";
    const failure = Object.assign(new Error(query), { query, params: [], cause: new Error('no such function') });
    expect(describeFailure(failure)).toMatch(
      /^Failed query: begin; select \* from take_key\(\?, \?, now\(\)\); commit\n/,
    );
    const torn = Object.assign(new Error(), { query: "select 'ada", params: [], cause: new Error('unterminated') });
    expect(describeFailure(torn)).toMatch(/^Failed query: SQL\nCaused by: Error: unterminated/);
  });

  it('copes with an error that is its own cause', () => {
    const error = new Error('again');
    error.cause = new Error('because', { cause: error });
    expect(describeFailure(error).split('Caused by')).toHaveLength(8);
  });

  it('copes with what is no error', () => {
    for (const thrown of ['hunter2', { password: 'hunter2' }, ['hunter2'], null, undefined])
      expect(describeFailure(thrown)).toBe('Something that is no Error was thrown');
  });
});
