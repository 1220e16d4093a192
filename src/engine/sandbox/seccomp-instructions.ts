/** Builds programs of linux/filter.h from parts that each end with an action. */

/** `struct sock_filter`: an operation, the instructions to skip if it is true and if it is false, and a constant. */
type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, constant: number];
/** A sequence that always ends with a return. */
export type Instructions = readonly Instruction[];
/** The instructions for numbers from `from` up to the next range. */
export interface Range {
  readonly from: number;
  readonly instructions: Instructions;
}

const OPERATION = {
  load: 0x20,
  and: 0x54,
  equal: 0x15,
  atLeast: 0x35,
  anyBit: 0x45,
  return: 0x06,
};

/** seccomp(2): SECCOMP_RET_ALLOW and SECCOMP_RET_ERRNO */
export const ALLOW: Instructions = [[OPERATION.return, 0, 0, 0x7fff0000]];
export const returnErrno = (errno: number): Instructions => [[OPERATION.return, 0, 0, 0x00050000 + errno]];

/** `struct seccomp_data` */
const load = (offset: number, then: Instructions): Instructions => [[OPERATION.load, 0, 0, offset], ...then];
export const loadNumber = (then: Instructions): Instructions => load(0, then);
export const loadArch = (then: Instructions): Instructions => load(4, then);
/** Loads the lower 32 bits: the arguments in question are ints or fit into one. Both architectures are little-endian. */
export const loadArgument = (index: number, then: Instructions): Instructions => load(16 + 8 * index, then);

/** Clears all bits of the loaded value except those of the mask. */
export const masked = (mask: number, then: Instructions): Instructions => [
  [OPERATION.and, 0, 0, mask],
  ...then,
];

export function ifOneOf(
  values: readonly number[],
  then: Instructions,
  otherwise: Instructions,
): Instructions {
  const far = values.length - 1 + otherwise.length;
  const tests = values.map((value, at): Instruction => [OPERATION.equal, far - at, 0, value]);
  return [...tests, ...otherwise, ...then];
}

export const ifAnyBit = (mask: number, then: Instructions, otherwise: Instructions): Instructions => [
  [OPERATION.anyBit, otherwise.length, 0, mask],
  ...otherwise,
  ...then,
];

/** Finds the range of the loaded number with a binary search. */
export function binarySearch(ranges: readonly Range[]): Instructions {
  const half = Math.floor(ranges.length / 2);
  const middle = ranges[half];
  if (middle === undefined) throw new RangeError('There are no ranges');
  if (half === 0) return middle.instructions;
  const below = binarySearch(ranges.slice(0, half));
  return [[OPERATION.atLeast, below.length, 0, middle.from], ...below, ...binarySearch(ranges.slice(half))];
}

/**
 * Encodes little-endian, the byte order of both architectures.
 * @throws RangeError when a jump does not fit into its byte
 */
export function encode(program: Instructions): Buffer {
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(([operation, ifTrue, ifFalse, constant], at) => {
    bytes.writeUInt16LE(operation, 8 * at);
    bytes.writeUInt8(ifTrue, 8 * at + 2);
    bytes.writeUInt8(ifFalse, 8 * at + 3);
    bytes.writeUInt32LE(constant, 8 * at + 4);
  });
  return bytes;
}
