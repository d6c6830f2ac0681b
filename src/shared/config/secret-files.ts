import { readFileSync } from 'node:fs';

type Environment = NodeJS.ProcessEnv;

/** An environment with what its files hold, and what was wrong with the others, by name. */
export interface FilledEnvironment {
  readonly environment: Environment;
  readonly problems: readonly string[];
}

/**
 * Fills in every secret NAME that comes as the path of a file in NAME_FILE, as orchestrators hand them out. One line
 * break at the end is none of the secret. What cannot be had stays as it is, so that a second look says the same.
 */
export function fillFromFiles(given: Environment, names: readonly string[]): FilledEnvironment {
  const environment = { ...given };
  const problems = names.flatMap((name) => {
    const problem = given[`${name}_FILE`] ? fill(environment, name) : undefined;
    return problem ? [problem] : [];
  });
  return { environment, problems };
}

/** @returns what is wrong: names and the system's code for it, never a path, which may be a secret in the wrong place */
function fill(environment: Environment, name: string): string | undefined {
  const file = `${name}_FILE`;
  if (environment[name]) return `${name}, ${file}: only one of the two may be set`;
  const read = readSecret(environment[file] ?? '');
  if ('problem' in read) return `${file}: ${read.problem}`;
  environment[name] = read.secret;
  Reflect.deleteProperty(environment, file);
  return undefined;
}

function readSecret(path: string): { readonly secret: string } | { readonly problem: string } {
  try {
    const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return secret === '' ? { problem: 'is empty' } : { secret };
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
