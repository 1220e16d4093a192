import { type Limits, diskBytesMax, memoryBytesMax, encodeRlimits, tasksMax } from './limits';
import { LIMITS as FIXTURE_LIMITS } from './sandbox.fixture';

const LIMITS: Limits = {
  ...FIXTURE_LIMITS,
  wallMs: 5000,
  cpuMs: 5000,
  memoryMb: 256,
  processes: 128,
  outputBytes: 1000,
  diskMb: 64,
  openFiles: 1024,
  fileMb: 64,
};
/** Values by resource number. */
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

describe('Limits', () => {
  it('allow one more task for the supervisor', () => {
    expect(tasksMax(LIMITS)).toBe(129);
  });

  it('are converted to bytes', () => {
    expect([memoryBytesMax(LIMITS), diskBytesMax(LIMITS)]).toEqual([268_435_456, 67_108_864]);
  });

  it('are encoded as resource numbers of setrlimit(2) with their values', () => {
    expect(Object.fromEntries(rlimits())).toMatchObject({
      [CPU]: '6',
      [FILE_SIZE]: '67108864',
      [TASKS]: '129',
      [FILES]: '1024',
      [LOCKED]: '0',
    });
  });

  it('prevent core dumps', () => {
    expect(Number(rlimits().get(CORE))).toBeLessThanOrEqual(1);
  });

  it.each([
    [1, '2'],
    [1000, '2'],
    [1001, '3'],
    [20_000, '21'],
  ])(
    'let the LimitMonitor stop a run with %d ms of CPU time before RLIMIT_CPU kills a process',
    (cpuMs, seconds) => {
      expect(rlimits({ cpuMs }).get(CPU)).toBe(seconds);
    },
  );

  it('do not limit the address space, because some runtimes reserve far more than they use', () => {
    expect(rlimits().has(ADDRESS_SPACE)).toBe(false);
  });
});
