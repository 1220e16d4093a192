/** The verdict on a run. */
import type { SandboxResult } from './sandbox/prepared-sandbox';
import { determineVerdict } from './verdict';

const OUTPUT = {
  ...{ stdout: '', stderr: '', stdoutBytes: 0, stderrBytes: 0 },
  ...{ stdoutTruncated: false, stderrTruncated: false },
};
const ENDED: SandboxResult = {
  ...{ exitCode: 0, signal: null, stopped: undefined, outOfMemory: false, output: OUTPUT, outputTail: '' },
  ...{ wallMs: 1, cpuMs: 1, memoryBytes: 1, accounting: 'rusage' },
};
const ofRun = (changes: Partial<SandboxResult>, outOfMemory?: RegExp): string =>
  determineVerdict({ ...ENDED, ...changes }, outOfMemory ? { outOfMemory } : {});
const killed = { exitCode: null, signal: 'SIGKILL' } as const;

describe('verdictOf', () => {
  it.each([
    ['wall', 'TIME_LIMIT'],
    ['cpu', 'TIME_LIMIT'],
    ['memory', 'MEMORY_LIMIT'],
    ['output', 'OUTPUT_LIMIT'],
    ['abort', 'CANCELLED'],
  ] as const)('a run that was stopped for %s is %s, however it ended', (stopped, verdict) => {
    for (const end of [{ exitCode: 0 }, { exitCode: 1 }, killed, { ...killed, outOfMemory: true }])
      expect(ofRun({ ...end, stopped })).toBe(verdict);
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
  ])('a run that ended by itself with %j is %s', (end, verdict) => {
    expect(ofRun(end)).toBe(verdict);
  });

  it('a program whose child the kernel killed for its memory is over the limit, however it ends itself', () => {
    expect(ofRun({ exitCode: 0, outOfMemory: true })).toBe('MEMORY_LIMIT');
  });

  describe('with a language that tells its own memory limit', () => {
    const pattern = /^MemoryError/m;
    const saying = (outputTail: string) => ({ exitCode: 1, outputTail });

    it('believes its last words', () => {
      expect(ofRun(saying('Traceback\nMemoryError\n'), pattern)).toBe('MEMORY_LIMIT');
    });

    it('does not believe what it said long before its end, nor a program that ends well', () => {
      const early = { ...saying('x'), output: { ...OUTPUT, stderr: 'MemoryError\n' } };
      expect(ofRun(early, pattern)).toBe('NONZERO_EXIT');
      expect(ofRun({ ...saying('MemoryError'), exitCode: 0 }, pattern)).toBe('OK');
    });

    it('does not take other words for it', () => {
      expect(ofRun(saying('ValueError: MemoryError'), pattern)).toBe('NONZERO_EXIT');
    });
  });
});
