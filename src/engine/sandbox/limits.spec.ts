/** Limits in the form in which the kernel and the supervisor take them. */
import { type Limits, diskBytesMax, memoryBytesMax, encodeRlimits, tasksMax } from './limits';

const LIMITS: Limits = {
  wallMs: 5000,
  cpuMs: 5000,
  memoryMb: 256,
  processes: 128,
  outputBytes: 1000,
  diskMb: 64,
  openFiles: 1024,
  fileMb: 64,
};
/** The values by their resource number. */
const rlimits = (changes: Partial<Limits> = {}): Map<string, string> =>
  new Map(
    encodeRlimits({ ...LIMITS, ...changes })
      .split(',')
      .map((pair) => pair.split('=') as [string, string]),
  );
const [CPU, FILE_SIZE, CORE, TASKS, FILES, LOCKED, ADDRESS_SPACE] = [
  '0',
  '1',
  '4',
  '6',
  '7',
  '8',
  '9',
] as const;

describe('The limits', () => {
  it('leave a place for the supervisor beside the processes of the program', () => {
    expect(tasksMax(LIMITS)).toBe(129);
  });

  it('are bytes to the kernel', () => {
    expect([memoryBytesMax(LIMITS), diskBytesMax(LIMITS)]).toEqual([268_435_456, 67_108_864]);
  });

  it('are numbers of setrlimit(2) and values to the supervisor', () => {
    expect(Object.fromEntries(rlimits())).toMatchObject({
      ...{ [CPU]: '6', [FILE_SIZE]: '67108864' },
      ...{ [TASKS]: '129', [FILES]: '1024', [LOCKED]: '0' },
    });
  });

  it('let no process leave a dump of its memory', () => {
    expect(Number(rlimits().get(CORE))).toBeLessThanOrEqual(1);
  });

  it.each([
    [1, '2'],
    [1000, '2'],
    [1001, '3'],
    [20_000, '21'],
  ])(
    'end a process by itself only after its %d ms of CPU time, when the watch has had its turn',
    (cpuMs, seconds) => {
      expect(rlimits({ cpuMs }).get(CPU)).toBe(seconds);
    },
  );

  it('do not limit the address space, of which some runtimes reserve far more than they use', () => {
    expect(rlimits().has(ADDRESS_SPACE)).toBe(false);
  });
});
