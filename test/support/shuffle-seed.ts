/** Another one shuffles otherwise; a failure tells which it was. */
export const SHUFFLE_SEED = Number(process.env['SHUFFLE_SEED'] ?? 1);
