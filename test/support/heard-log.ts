import { RunLogger } from './run-logger';

/** One line of the service's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string; readonly level: string };

/** What the services of this process log from now on, until the end of the test. */
export class HeardLog {
  /** As they were written. */
  readonly texts: string[] = [];

  /** @param quietest the level that `LOG_LEVEL` names; what is quieter is not heard */
  constructor(quietest: 'info' | 'verbose' = 'verbose') {
    const prototype = RunLogger.prototype as unknown as { write(stream: string, line: string): void };
    const write = prototype.write;
    jest.spyOn(prototype, 'write').mockImplementation(function (this: RunLogger, stream, line) {
      if (quietest === 'verbose' || !/"level":"(?:debug|verbose)"/.test(line)) heard.push(line);
      write.call(this, stream, line);
    });
    const heard = this.texts;
  }

  get lines(): readonly LogLine[] {
    return this.texts.map((text) => JSON.parse(text) as LogLine);
  }

  /** The lines that carry the fact, in their order. */
  about(facts: Readonly<Record<string, unknown>>): readonly LogLine[] {
    return this.lines.filter((line) => Object.entries(facts).every(([key, value]) => line[key] === value));
  }
}
