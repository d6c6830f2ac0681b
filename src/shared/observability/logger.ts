import { ConsoleLogger, type LogLevel as NestLogLevel } from '@nestjs/common';
import { describeFailure, isError } from './describe-failure';
import { mayHoldSecrets, printable, redact } from './redact';
import { currentStory, type Facts, factsOf } from './story';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the framework tells about its own wiring at every start: a hundred lines that no operator asked for. */
const FRAMEWORK = new Set(['NestFactory', 'NestApplication', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);
/** As a stack is given to a logger by itself, without its error. */
const STACK = /\n[ \t]+at /;

/** In their order; those that are not known are left out. */
const IDS: readonly (keyof Facts)[] = [
  'requestId',
  'callId',
  'attemptId',
  'providerId',
  'providerCallId',
  'customerId',
  'eventId',
  'code',
];

/** What a failed query says for itself is the query. */
const CAUSE = /^Failed query: [^]*?^Caused by: (.*)$/m;

type Fields = Readonly<Record<string, unknown>>;

/** What a caller of the logger has said, taken apart. */
interface Said {
  readonly message: string;
  readonly context: string | undefined;
  readonly fields: Fields;
  /** Text about an error, and its name. */
  readonly error: { readonly name: string; readonly message: string; readonly stack: string } | undefined;
}

/** Whoever logs must not fail by it: an error may have been given anything for its name or its stack. */
const UNTELLABLE: Said = {
  message: 'Something happened that cannot be told',
  context: undefined,
  fields: {},
  error: undefined,
};

/**
 * One line for each event: JSON outside of a terminal, short and readable in one. Each line carries the facts of the
 * story it belongs to. Of errors it tells what `describeFailure` does, and no more.
 *
 * What is logged is a message, and behind it, in any order, an error and a plain object of further fields, the `event`
 * among them. Anything else was thrown without being an error, and may hold anything: of that it tells nothing.
 */
export class ServiceLogger extends ConsoleLogger {
  constructor(level: LogLevel, json = !process.stdout.isTTY) {
    const enabled = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(level) + 1);
    const logLevels = enabled.map((name): NestLogLevel => (name === 'info' ? 'log' : name));
    super({ json, logLevels });
  }

  override log(message: unknown, ...details: unknown[]): void {
    const context = details.at(-1);
    this.tell(typeof context === 'string' && FRAMEWORK.has(context) ? 'debug' : 'log', message, details);
  }

  override fatal(message: unknown, ...details: unknown[]): void {
    this.tell('fatal', message, details);
  }

  override error(message: unknown, ...details: unknown[]): void {
    this.tell('error', message, details);
  }

  override warn(message: unknown, ...details: unknown[]): void {
    this.tell('warn', message, details);
  }

  override debug(message: unknown, ...details: unknown[]): void {
    this.tell('debug', message, details);
  }

  override verbose(message: unknown, ...details: unknown[]): void {
    this.tell('verbose', message, details);
  }

  private tell(level: NestLogLevel, message: unknown, details: readonly unknown[]): void {
    if (!this.isLevelEnabled(level)) return;
    const line = tryTo(() => this.lineOf(level, takeApart(this.resolve(message), details)));
    this.write(level === 'error' || level === 'fatal' ? 'stderr' : 'stdout', line ?? this.lineOf(level, UNTELLABLE));
  }

  protected write(stream: 'stdout' | 'stderr', line: string): void {
    process[stream].write(`${line}\n`);
  }

  /** A message may be given as a function, so that it costs nothing where nobody reads it. */
  private resolve(message: unknown): unknown {
    return typeof message === 'function' ? (message as () => unknown)() : message;
  }

  private lineOf(level: NestLogLevel, said: Said): string {
    return this.options.json === true ? this.asJson(level, said) : this.asText(level, said);
  }

  /** What every line has comes first, then the ids, always in the same order: lines are read by people, too. */
  private asJson(level: NestLogLevel, { message, context, fields, error }: Said): string {
    const own: Record<string, unknown> = {
      timestamp: new Date().toISOString(),
      level: level === 'log' ? 'info' : level,
      pid: process.pid,
      context,
      event: fields['event'],
      message,
    };
    const line = { ...own };
    const facts: Fields = { ...factsOf(currentStory()) };
    for (const id of IDS) line[id] = fields[id] ?? facts[id];
    for (const key of Object.keys(facts)) line[key] ??= facts[key];
    for (const key of Object.keys(fields)) line[key] ??= fields[key];
    line['error'] = error;
    return written(line) ?? written(own) ?? '';
  }

  private asText(level: NestLogLevel, { message, context, fields, error }: Said): string {
    const facts = Object.entries<unknown>({ ...factsOf(currentStory()), ...fields })
      .filter(([key, value]) => key !== 'event' && value !== undefined)
      .map(([key, value]) => ` ${key}=${wordsOf(value)}`);
    const name = this.colorize((level === 'log' ? 'info' : level).toUpperCase().padStart(7), level);
    const head = `${new Date().toISOString()} ${name} ${context === undefined ? '' : `[${printable(context)}] `}`;
    const text = this.colorize(printable(message), level);
    return `${head}${text}${printable(facts.join(''))}${error ? `\n${printable(error.stack)}` : ''}`;
  }
}

/** Undefined for what cannot be written: whoever logs must not fail by it. */
function written(value: unknown): string | undefined {
  const text = tryTo(() => JSON.stringify(value));
  // Most lines are ids: a look at the whole is cheaper than one at each part.
  if (text !== undefined && !mayHoldSecrets(text)) return text;
  return tryTo(() => JSON.stringify(value, (_, part: unknown) => told(part)));
}

function tryTo<T>(write: () => T): T | undefined {
  try {
    return write();
  } catch {
    return undefined;
  }
}

function told(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  return typeof value === 'bigint' ? String(value) : value;
}

function takeApart(message: unknown, details: readonly unknown[]): Said {
  const last = details.at(-1);
  const context = typeof last === 'string' && !isStack(last) ? last : undefined;
  const behind = (context === undefined ? details : details.slice(0, -1)).filter((part) => part !== undefined);
  const isText = !isFailure(message) && !isObject(message);
  const parts = isText ? behind : [message, ...behind];
  const [failure] = [...parts.filter(isFailure), ...parts.filter((part) => !isFields(part))];
  const error = failure === undefined ? undefined : failureIn(failure);
  const fields = Object.assign({}, ...parts.filter(isFields)) as Fields;
  return { message: isText ? wordsOf(message) : (error?.message ?? ''), context, fields, error };
}

function wordsOf(part: unknown): string {
  return typeof part === 'string' ? part : (written(part) ?? typeof part);
}

/** An error's own properties, and the message of a failed query, hold what was written: people's numbers and words. */
function failureIn(part: unknown): Said['error'] {
  const stack = isStack(part) ? String(part) : describeFailure(part);
  const message = CAUSE.exec(stack)?.[1] ?? stack.split('\n', 1)[0] ?? '';
  return { name: isError(part) ? part.name : 'Error', message, stack };
}

/** An error, or a stack that is given without its error. */
function isFailure(part: unknown): boolean {
  return isError(part) || isStack(part);
}

function isStack(part: unknown): boolean {
  return typeof part === 'string' && STACK.test(part);
}

function isFields(part: unknown): part is Fields {
  if (!isObject(part) || isError(part)) return false;
  const prototype = Object.getPrototypeOf(part) as object | null;
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain && 'event' in part && typeof part.event === 'string';
}

function isObject(part: unknown): part is object {
  return typeof part === 'object' && part !== null;
}
