/** Programs of linux/filter.h, put together from parts that each end with an action. */

/** `struct sock_filter`: an operation, how many instructions to skip if it holds and if not, and a constant. */
type Instruction = readonly [operation: number, ifTrue: number, ifFalse: number, constant: number];
/** Whatever enters it leaves it by returning. */
export type Body = readonly Instruction[];
/** What becomes of a number from here up to the next range. */
export interface Range {
  readonly from: number;
  readonly body: Body;
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
export const ALLOW: Body = [[OPERATION.give, 0, 0, 0x7fff0000]];
export const refuse = (errno: number): Body => [[OPERATION.give, 0, 0, 0x00050000 + errno]];

/** `struct seccomp_data` */
const load = (offset: number, then: Body): Body => [[OPERATION.load, 0, 0, offset], ...then];
export const loadNumber = (then: Body): Body => load(0, then);
export const loadArch = (then: Body): Body => load(4, then);
/** The lower half: every argument that is looked at is an int, or flags that fit one. Both architectures are little-endian. */
export const loadArgument = (index: number, then: Body): Body => load(16 + 8 * index, then);

/** Of what is loaded, the bits of the mask alone. */
export const masked = (mask: number, then: Body): Body => [[OPERATION.and, 0, 0, mask], ...then];

export function ifOneOf(values: readonly number[], then: Body, otherwise: Body): Body {
  const far = values.length - 1 + otherwise.length;
  const tests = values.map((value, at): Instruction => [OPERATION.equal, far - at, 0, value]);
  return [...tests, ...otherwise, ...then];
}

export const ifAnyBit = (mask: number, then: Body, otherwise: Body): Body => [
  [OPERATION.anyBit, otherwise.length, 0, mask],
  ...otherwise,
  ...then,
];

/** Finds the range of the number that is loaded in as many steps as halving takes. */
export function search(ranges: readonly Range[]): Body {
  const half = Math.floor(ranges.length / 2);
  const middle = ranges[half];
  if (middle === undefined) throw new RangeError('There is nothing to find');
  if (half === 0) return middle.body;
  const below = search(ranges.slice(0, half));
  return [[OPERATION.atLeast, below.length, 0, middle.from], ...below, ...search(ranges.slice(half))];
}

/**
 * In the byte order of both architectures.
 * @throws RangeError when a jump is wider than the byte that there is for it
 */
export function encode(program: Body): Buffer {
  const bytes = Buffer.alloc(8 * program.length);
  program.forEach(([operation, ifTrue, ifFalse, constant], at) => {
    bytes.writeUInt16LE(operation, 8 * at);
    bytes.writeUInt8(ifTrue, 8 * at + 2);
    bytes.writeUInt8(ifFalse, 8 * at + 3);
    bytes.writeUInt32LE(constant, 8 * at + 4);
  });
  return bytes;
}
