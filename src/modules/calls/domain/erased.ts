/** Stands where the number of a recipient was. It has the form of one, and no such number can exist. */
export const ERASED_NUMBER = '+10000000000';
