import { ServiceLogger } from '../../src/shared/observability/logger';
import { keep } from './run-record';

/**
 * The service's own logger at its most talkative, with its lines in a file of the run instead of the console, where they
 * are searched for secrets at the end.
 */
export class RunLogger extends ServiceLogger {
  constructor() {
    super('verbose', true);
  }

  protected override write(_stream: 'stdout' | 'stderr', line: string): void {
    keep('logs', '.log', `${line}\n`);
  }
}
