/** Many standard inputs for one program. */

/** For one execution. */
export const INPUTS_MAX = 100;

/** Bytes of UTF-8 of all of them together, which the limit of one input holds for. */
export const inputBytesOf = (inputs: readonly string[]): number =>
  inputs.reduce((sum, input) => sum + Buffer.byteLength(input), 0);
