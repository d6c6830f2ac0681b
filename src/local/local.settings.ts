import { wholeNumber } from '../shared/config/fields';

/** Read by local mode alone. */
export const localVariables = {
  /** How much faster than real the calls of the stand-in pass. */
  SANDBOX_SPEED: wholeNumber(1, 1, 1_000),
};
