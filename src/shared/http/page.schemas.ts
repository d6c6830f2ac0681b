import { z } from 'zod';
import { decodeCursor } from '../kernel/page';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

/** The query parameters of every list. Spread into a `z.strictObject` that carries no `.meta({ id })`. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe('How many items at most'),
  cursor: z
    .string()
    .refine((cursor) => decodeCursor(cursor) !== undefined, 'is no cursor of this service')
    .optional()
    .describe('`nextCursor` of the page before'),
};

/** The answer of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
