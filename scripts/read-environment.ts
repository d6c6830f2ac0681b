import type { z } from 'zod';
import { withoutEmpty } from '../src/settings';

/** sysexits.h: something was found in an unconfigured or misconfigured state. */
const EXIT_CONFIGURATION = 78;

/** Reads what a command needs; undefined, with every problem told by name and the exit code set, when that cannot be. */
export function readEnvironment<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> | undefined {
  const given = withoutEmpty(process.env);
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) {
    const name = path.join('.');
    console.error(`${name}: ${given[name] === undefined ? 'is required' : message}`);
  }
  process.exitCode = EXIT_CONFIGURATION;
  return undefined;
}
