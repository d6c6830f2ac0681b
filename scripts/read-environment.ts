import type { z } from 'zod';
import { SECRET_VARIABLES, withoutEmpty } from '../src/settings';
import { fillFromFiles } from '../src/shared/config/secret-files';

/** sysexits.h: something was found in an unconfigured or misconfigured state. */
export const EXIT_CONFIGURATION = 78;

/**
 * Reads what a command needs, each secret NAME from the file that NAME_FILE names where that is set; undefined, with
 * every problem told by name and the exit code set, when that cannot be.
 * @param secrets further ones, that only commands know
 */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  secrets: readonly string[] = [],
): z.infer<Schema> | undefined {
  const { environment: given, problems } = fillFromFiles(withoutEmpty(process.env), [...SECRET_VARIABLES, ...secrets]);
  const read = schema.safeParse(given);
  if (read.success && problems.length === 0) return read.data;
  for (const problem of [...problems, ...problemsOf(read.error?.issues ?? [], given)]) console.error(problem);
  process.exitCode = EXIT_CONFIGURATION;
  return undefined;
}

function problemsOf(issues: readonly z.core.$ZodIssue[], given: NodeJS.ProcessEnv): string[] {
  return issues
    .map(({ path, message }) => ({ name: path.join('.'), message }))
    .filter(({ name }) => given[`${name}_FILE`] === undefined)
    .map(({ name, message }) => `${name}: ${given[name] === undefined ? 'is required' : message}`);
}
