import { isNativeError } from 'node:util/types';
import { ConsoleLogger, type LogLevel as NestLogLevel } from '@nestjs/common';
import { describeFailure } from './describe-failure';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the framework tells about its own wiring at every start: a hundred lines that no operator asked for. */
const FRAMEWORK = new Set(['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

type Print = ConsoleLogger['printMessages'];

/** Readable lines in a terminal, JSON outside of one. Of errors it tells what `describeFailure` does, and no more. */
export class ServiceLogger extends ConsoleLogger {
  constructor(level: LogLevel) {
    const enabled = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    const logLevels = enabled.map((name): NestLogLevel => (name === 'info' ? 'log' : name));
    super({ json: !process.stdout.isTTY, logLevels });
  }

  override log(message: unknown, ...details: unknown[]): void {
    const context = details.at(-1);
    if (typeof context === 'string' && FRAMEWORK.has(context)) this.debug(message, ...details);
    else super.log(message, ...details);
  }

  protected override printMessages(...[messages, ...rest]: Parameters<Print>): void {
    super.printMessages(messages.map(withoutData), ...rest);
  }
}

/** An error's own properties, and the message of a failed query, hold what was written: people's numbers and words. */
function withoutData(message: unknown): unknown {
  if (!isNativeError(message)) return message;
  const stack = describeFailure(message);
  const told = new Error(stack.split('\n', 1)[0]);
  return Object.defineProperties(told, { name: { value: message.name }, stack: { value: stack } });
}
