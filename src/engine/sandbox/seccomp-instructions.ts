/** Programs of linux/filter.h, put together from parts that each end with an action. */

/** `struct sock_filter`: an operation, how many instructions to skip if it holds and if not, and a constant. */
type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, constant: number];
/** Whatever enters it leaves it by returning. */
export type Instructions = readonly Instruction[];
/** What becomes of a number from here up to the next range. */
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
  give: 0x06,
};

/** seccomp(2): SECCOMP_RET_ALLOW and SECCOMP_RET_ERRNO */
export const ALLOW: Instructions = [[OPERATION.give, 0, 0, 0x7fff0000]];
export const returnErrno = (errno: number): Instructions => [[OPERATION.give, 0, 0, 0x00050000 + errno]];

/** `struct seccomp_data` */
const load = (offset: number, then: Instructions): Instructions => [[OPERATION.load, 0, 0, offset], ...then];
export const loadNumber = (then: Instructions): Instructions => load(0, then);
export const loadArch = (then: Instructions): Instructions => load(4, then);
/** The lower half: every argument that is looked at is an int, or flags that fit one. Both architectures are little-endian. */
export const loadArgument = (index: number, then: Instructions): Instructions => load(16 + 8 * index, then);

/** Of what is loaded, the bits of the mask alone. */
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

/** Finds the range of the number that is loaded in as many steps as halving takes. */
export function binarySearch(ranges: readonly Range[]): Instructions {
  const half = Math.floor(ranges.length / 2);
  const middle = ranges[half];
  if (middle === undefined) throw new RangeError('There is nothing to find');
  if (half === 0) return middle.instructions;
  const below = binarySearch(ranges.slice(0, half));
  return [[OPERATION.atLeast, below.length, 0, middle.from], ...below, ...binarySearch(ranges.slice(half))];
}

/**
 * In the byte order of both architectures.
 * @throws RangeError when a jump is wider than the byte that there is for it
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
