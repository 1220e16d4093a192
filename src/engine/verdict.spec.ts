import type { SandboxResult } from './sandbox/prepared-sandbox';
import { determineVerdict } from './verdict';

const OUTPUT = {
  stdout: '',
  stderr: '',
  stdoutBytes: 0,
  stderrBytes: 0,
  stdoutTruncated: false,
  stderrTruncated: false,
};
const RESULT: SandboxResult = {
  exitCode: 0,
  signal: null,
  stopped: undefined,
  outOfMemory: false,
  output: OUTPUT,
  outputTail: '',
  wallMs: 1,
  cpuMs: 1,
  memoryBytes: 1,
  accounting: 'rusage',
};
const verdictOf = (changes: Partial<SandboxResult>, outOfMemory?: RegExp): string =>
  determineVerdict({ ...RESULT, ...changes }, outOfMemory ? { outOfMemory } : {});
const killed = { exitCode: null, signal: 'SIGKILL' } as const;

describe('determineVerdict', () => {
  it.each([
    ['wall', 'TIME_LIMIT'],
    ['cpu', 'TIME_LIMIT'],
    ['memory', 'MEMORY_LIMIT'],
    ['output', 'OUTPUT_LIMIT'],
    ['abort', 'CANCELLED'],
  ] as const)('is for the stop reason %s always %s, however the program exited', (stopped, verdict) => {
    for (const end of [{ exitCode: 0 }, { exitCode: 1 }, killed, { ...killed, outOfMemory: true }])
      expect(verdictOf({ ...end, stopped })).toBe(verdict);
  });

  it.each([
    [{ exitCode: 0 }, 'OK'],
    [{ exitCode: 1 }, 'NONZERO_EXIT'],
    [{ exitCode: 137 }, 'NONZERO_EXIT'],
    [killed, 'SIGNALLED'],
    [{ exitCode: null, signal: 'SIGSEGV' }, 'SIGNALLED'],
    [{ exitCode: null, signal: 'SIGXCPU' }, 'TIME_LIMIT'],
    [{ ...killed, outOfMemory: true }, 'MEMORY_LIMIT'],
    [{ exitCode: 1, outOfMemory: true }, 'MEMORY_LIMIT'],
  ])('is for a program that exits by itself with %j %s', (end, verdict) => {
    expect(verdictOf(end)).toBe(verdict);
  });

  it('is MEMORY_LIMIT if the kernel killed any process for its memory, even if the program exits with 0', () => {
    expect(verdictOf({ exitCode: 0, outOfMemory: true })).toBe('MEMORY_LIMIT');
  });

  describe('for a language that reports exhausted memory itself', () => {
    const pattern = /^MemoryError/m;
    const failedWith = (outputTail: string) => ({ exitCode: 1, outputTail });

    it('is MEMORY_LIMIT if the output ends with that report', () => {
      expect(verdictOf(failedWith('Traceback\nMemoryError\n'), pattern)).toBe('MEMORY_LIMIT');
    });

    it('ignores the report long before the end of the output, and if the program succeeds', () => {
      const early = { ...failedWith('x'), output: { ...OUTPUT, stderr: 'MemoryError\n' } };
      expect(verdictOf(early, pattern)).toBe('NONZERO_EXIT');
      expect(verdictOf({ ...failedWith('MemoryError'), exitCode: 0 }, pattern)).toBe('OK');
    });

    it('ignores output that is only similar', () => {
      expect(verdictOf(failedWith('ValueError: MemoryError'), pattern)).toBe('NONZERO_EXIT');
    });
  });
});
