import { z } from 'zod';

/** A whole number within bounds, from an environment variable's text. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(fallback);

/** A time span in milliseconds, at most a week. */
export const milliseconds = (fallback: number, min = 1) => wholeNumber(fallback, min, 604_800_000);

/** An absolute http or https URL without a trailing slash. */
export const httpUrl = z
  .url({ protocol: /^https?$/, message: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const secrets = new WeakSet<z.ZodType>();

/** Marks a variable as a secret: it may come as the path of a file in NAME_FILE, and must not be weak in production. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  secrets.add(schema);
  return schema;
}

/** The names of the variables that are marked as secrets. */
export function secretNames(variables: Readonly<Record<string, z.ZodType>>): readonly string[] {
  return Object.keys(variables).filter((name) => variables[name] && secrets.has(variables[name]));
}

/** Text that is not empty. */
export const text = z.string().min(1, 'must not be empty');
