import { Logger } from '@nestjs/common';
import { ServiceLogger } from './logger';

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
});

it('says nothing below its level', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const logger = new ServiceLogger('warn');
  logger.log('no');
  logger.debug('no');
  logger.warn('yes');
  expect(write).toHaveBeenCalledTimes(1);
});
