import { ConsoleLogger, type LogLevel as NestLogLevel } from '@nestjs/common';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the framework tells about its own wiring at every start: a hundred lines that no operator asked for. */
const FRAMEWORK = new Set(['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** Readable lines in a terminal, JSON outside of one. */
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
}
