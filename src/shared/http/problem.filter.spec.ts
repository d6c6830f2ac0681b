import { type ArgumentsHost, Logger } from '@nestjs/common';
import { DomainError } from '../kernel/domain-error';
import { ProblemFilter } from './problem.filter';

class Away extends DomainError {
  constructor(code: string) {
    super(code, 'unavailable', 'It is away.');
  }
}

const request = { method: 'GET', id: 'r', routeOptions: { url: '/v1/calls' } };
function answer(filter: ProblemFilter, error: unknown): number[] {
  const statuses: number[] = [];
  const reply = {
    ...{ sent: false, raw: { headersSent: false } },
    code: (status: number) => {
      statuses.push(status);
      return reply;
    },
    header: () => reply,
    send: () => reply,
  };
  const host = { switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) };
  filter.catch(error, host as unknown as ArgumentsHost);
  return statuses;
}

describe('ProblemFilter', () => {
  let warn: jest.SpyInstance;
  let error: jest.SpyInstance;
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'debug').mockImplementation();
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('tells once that something is away, however many requests are refused for it', () => {
    const filter = new ProblemFilter();
    const codes = ['a.away', 'a.away', 'b.away', 'a.away'];
    for (const code of codes) expect(answer(filter, new Away(code))).toEqual([503]);
    expect(warn.mock.calls.map(([, { code }]: [unknown, { code: string }]) => code)).toEqual(['a.away', 'b.away']);
    expect(error).not.toHaveBeenCalled();
  });

  it('tells of each bug', () => {
    const filter = new ProblemFilter();
    for (let times = 0; times < 2; times += 1) expect(answer(filter, new Error('a bug'))).toEqual([500]);
    expect(error).toHaveBeenCalledTimes(2);
  });

  it('gives the log an error, whatever was thrown', () => {
    answer(new ProblemFilter(), { recipient: 'Ada' });
    expect(error).toHaveBeenCalledWith(expect.any(String), expect.any(Error), expect.anything());
    expect(JSON.stringify(error.mock.calls)).not.toContain('Ada');
  });
});
