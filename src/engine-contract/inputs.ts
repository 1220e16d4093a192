/** The largest number of standard inputs of one execution. */
export const INPUTS_MAX = 100;

/** Bytes of all inputs together in UTF-8, for which the limit of a single input applies. */
export const inputBytesOf = (inputs: readonly string[]): number =>
  inputs.reduce((sum, input) => sum + Buffer.byteLength(input), 0);
