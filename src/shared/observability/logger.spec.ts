import { Logger } from '@nestjs/common';
import { ServiceLogger } from './logger';
import { apart, note, within } from './story';

const NUMBER = '+12025550147';

/** As the query builder throws it, around what the driver throws. */
function failedQuery(): Error {
  const cause = Object.assign(new Error('null value in column "id"'), {
    code: '23502',
    detail: `Failing row contains (null, ${NUMBER}).`,
  });
  const message = `Failed query: insert into call_queue values ($1)\nparams: ${NUMBER}`;
  return Object.assign(new Error(message, { cause }), {
    query: 'insert into call_queue values ($1)',
    params: [NUMBER],
  });
}

describe.each([
  ['in a terminal', true],
  ['outside of one', false],
])('the log %s', (_, isTTY) => {
  const { isTTY: wasTTY } = process.stdout;
  let said: string;

  beforeEach(() => {
    said = '';
    Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true });
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      });
    }
    Logger.overrideLogger(new ServiceLogger('verbose'));
  });
  afterEach(() => {
    Logger.overrideLogger(false);
    Object.defineProperty(process.stdout, 'isTTY', { value: wasTTY, configurable: true });
  });

  it.each(['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const)(
    'tells of an error at level %s what failed and where, and no data',
    (level) => {
      new Logger('Test')[level]('It could not be recorded', failedQuery());
      new Logger('Test')[level](failedQuery());
      expect(said).toContain('It could not be recorded');
      expect(said).toContain('insert into call_queue values ($1)');
      expect(said).toContain('null value in column');
      expect(said).toContain('logger.spec.ts');
      expect(said).not.toContain(NUMBER);
    },
  );

  it('takes other messages as they are', () => {
    new Logger('Test').warn('Just so', 'Test');
    expect(said).toMatch(/Just so/);
  });

  it.each([
    ['an object', { recipient: 'Ada', params: [NUMBER] }],
    [
      'an object of a class',
      new (class Answer {
        readonly event = 'Ada';
      })(),
    ],
    ['a list', ['Ada', NUMBER]],
    ['a text', 'Ada'],
    ['null', null],
  ])('tells that %s was thrown, and nothing of it', (_what, thrown) => {
    new Logger('Test').warn('Claiming failed', thrown);
    new Logger('Test').warn('Claiming failed', thrown, { event: 'claim.failed' });
    expect(said.match(/Claiming failed/g)).toHaveLength(2);
    expect(said.match(/no Error was thrown/g)?.length).toBeGreaterThanOrEqual(2);
    expect(said).not.toMatch(/Ada|2025550147/);
  });

  it('does not fail by what it is given', () => {
    const circle = new Error('again');
    circle.cause = circle;
    const odd = Object.assign(new Error('odd'), { stack: { not: 'a text' } });
    const hostile = Object.defineProperty(new Error(), 'stack', {
      get: () => {
        throw new Error('no stack for you');
      },
    });
    for (const error of [circle, odd, hostile]) new Logger('Test').error('It failed', error);
    expect(said.match(/Error: again/g)?.length).toBeLessThan(30);
    expect(said).toContain('Error: odd');
    expect(said).toContain('cannot be told');
  });
});

it('gives a terminal no orders', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const clear = '\u001b[2J\u009b8m\r';
  new ServiceLogger('info', false).log(`It${clear} rings`, { event: 'e', reason: `no${clear}ne` }, `Te${clear}st`);
  const line = String(write.mock.calls[0]?.[0]);
  expect(line).toMatch(/\[Te\[2J8mst\] .*It\[2J8m rings.* reason=no\[2J8mne\n$/);
  // Its own colours are all that is left.
  expect(line.replace(/\u001b\[\d+m/g, '')).not.toMatch(/(?!\n)\p{Cc}/u);
});

describe('a line of JSON', () => {
  let lines: Record<string, unknown>[];

  class Heard extends ServiceLogger {
    protected override write(_stream: 'stdout' | 'stderr', line: string): void {
      expect(line).not.toContain('\n');
      lines.push(JSON.parse(line) as Record<string, unknown>);
    }
  }

  beforeEach(() => {
    lines = [];
    Logger.overrideLogger(new Heard('verbose', true));
  });
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  it('is one for each event, with when, how serious, who and what', () => {
    new Logger('Calls').log('It has ended', { event: 'attempt.ended', outcome: 'completed' });
    const [line] = lines;
    expect(line).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      ...{ level: 'info', pid: process.pid, context: 'Calls' },
      ...{ event: 'attempt.ended', message: 'It has ended', outcome: 'completed' },
    });
    expect(lines).toHaveLength(1);
  });

  it.each(['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const)(
    'has at level %s the error inside, its stack included, wherever it is given',
    (level) => {
      new Logger('Test')[level]('It could not be recorded', failedQuery(), { event: 'e', callId: 'c' });
      new Logger('Test')[level]('It could not be recorded', { event: 'e', callId: 'c' }, failedQuery());
      const told = {
        ...{ message: 'It could not be recorded', context: 'Test', callId: 'c' },
        error: {
          ...{ name: 'Error', message: 'Error: null value in column "id"' },
          stack: expect.stringMatching(/insert into call_queue values \(\$1\)[^]*logger\.spec\.ts/),
        },
      };
      expect(lines).toEqual([expect.objectContaining(told), expect.objectContaining(told)]);
    },
  );

  it('is about an error that is all there is, or whose stack alone is given', () => {
    const error = new Error('out of paper');
    new Logger('Test').error(error);
    new Logger('Test').error('It failed', error.stack);
    expect(lines).toMatchObject([
      { message: 'Error: out of paper', error: { name: 'Error' } },
      { message: 'It failed', context: 'Test', error: { stack: expect.stringContaining('logger.spec.ts') } },
    ]);
  });

  it('has what inherits from Error alone as an error, DOMException for one', () => {
    const words = { name: 'AbortError', stack: 'AbortError: over' };
    new Logger('Test').warn('It took too long', Object.assign(Object.create(Error.prototype) as Error, words));
    expect(lines).toMatchObject([{ message: 'It took too long', error: { ...words, message: 'AbortError: over' } }]);
  });

  it('carries the facts of its story and of those around it, and nothing of others', async () => {
    const logger = new Logger('Test');
    await within('request', { requestId: 'r' }, async () => {
      await Promise.resolve();
      within('placement', { callId: 'c', attemptId: 'a' }, () => {
        note({ providerCallId: 'v' });
        logger.log('inside', { event: 'e', attemptId: 'b' });
      });
      apart('recording', {}, () => {
        logger.log('apart');
      });
      logger.log('around');
    });
    logger.log('outside');
    const facts = lines.map(({ message, requestId, callId, attemptId, providerCallId }) => {
      return { message, requestId, callId, attemptId, providerCallId };
    });
    expect(facts).toEqual([
      { message: 'inside', requestId: 'r', callId: 'c', attemptId: 'b', providerCallId: 'v' },
      { message: 'apart' },
      { message: 'around', requestId: 'r', providerCallId: 'v' },
      { message: 'outside' },
    ]);
  });

  it('cannot be forged, nor broken by what cannot be written', () => {
    new Logger('Test').log('a\n{"level":"fatal"}', { event: 'e', level: 'fatal', message: 'another', size: 1n });
    const circle: Record<string, unknown> = { event: 'e' };
    circle['circle'] = circle;
    new Logger('Test').log('round', circle);
    expect(lines).toMatchObject([
      { level: 'info', message: 'a\n{"level":"fatal"}', size: '1' },
      { level: 'info', message: 'round' },
    ]);
  });

  it('does not ask for a message that nobody reads', () => {
    Logger.overrideLogger(new Heard('warn', true));
    const message = jest.fn(() => 'expensive');
    new Logger('Test').log(message);
    expect(message).not.toHaveBeenCalled();
    new Logger('Test').warn(message);
    expect(lines).toMatchObject([{ message: 'expensive' }]);
  });
});

it('says nothing below its level', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const logger = new ServiceLogger('warn');
  logger.log('no');
  logger.debug('no');
  logger.warn('yes');
  expect(write).toHaveBeenCalledTimes(1);
});
