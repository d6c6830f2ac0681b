import { DatabaseUnavailable, isDatabaseUnavailable } from './database-unavailable';

const failure = (code: string | undefined, message = 'x') =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('isDatabaseUnavailable', () => {
  it.each([
    ['a refused connection', failure('ECONNREFUSED')],
    ['all addresses refused', Object.assign(new AggregateError([failure('ECONNREFUSED')]), { code: 'ECONNREFUSED' })],
    ['an administrator who ends the connection', failure('57P01')],
    ['a server that starts', failure('57P03')],
    ['too many connections', failure('53300')],
    ['a broken connection', failure('08006')],
    ['a standby', failure('25006')],
    ['a pool without a free connection', failure(undefined, 'timeout exceeded when trying to connect')],
    ['a connection that broke without words', failure(undefined, 'Connection terminated unexpectedly')],
    ['a statement without an answer', new Error('Failed query', { cause: failure(undefined, 'Query read timeout') })],
    ['our own word for it', new DatabaseUnavailable()],
    ['a cause deeper down', new Error('Failed query', { cause: new Error('x', { cause: failure('57P01') }) })],
  ])('says yes to %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    ['a duplicate', failure('23505')],
    ['a missing right', failure('42501')],
    ['a bug', new TypeError('undefined is not a function')],
    ['a text about a terminated connection in a statement', failure('22000', 'Connection terminated')],
    ['something that is no error', 'ECONNREFUSED'],
    ['nothing', undefined],
  ])('says no to %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
