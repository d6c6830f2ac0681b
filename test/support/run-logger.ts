import { ServiceLogger } from '../../src/shared/observability/logger';
import { keep } from './run-record';

/**
 * The service's own logger at its most talkative, with its lines in a file of the run instead of the console, where they
 * are searched for secrets at the end.
 */
export class RunLogger extends ServiceLogger {
  constructor() {
    super('verbose');
  }

  protected override printMessages(...parameters: Parameters<ServiceLogger['printMessages']>): void {
    intoRun(() => {
      super.printMessages(...parameters);
    });
  }

  protected override printStackTrace(stack: string): void {
    intoRun(() => {
      super.printStackTrace(stack);
    });
  }
}

function intoRun(print: () => void): void {
  const { stdout, stderr } = process;
  const [writeOut, writeError] = [stdout.write, stderr.write];
  const write = (text: string | Uint8Array): boolean => {
    keep('logs', '.log', text.toString());
    return true;
  };
  Object.assign(stdout, { write });
  Object.assign(stderr, { write });
  try {
    print();
  } finally {
    Object.assign(stdout, { write: writeOut });
    Object.assign(stderr, { write: writeError });
  }
}
