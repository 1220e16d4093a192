import { type InputResult, NOTHING_RAN, type Resource } from '../engine-contract/report';
import { summarizeCompileFailure, summarizeResults } from './batch-report';

const COMPILATION = { compile: null, compileCached: true };
const resource = (executionTimeMs: number, cpuTimeMs: number, memoryMb: number): Resource => ({
  executionTimeMs,
  cpuTimeMs,
  cpuPercent: 1,
  memoryMb,
  accounting: 'cgroup-v2',
});
const inputResult = (changes: Partial<InputResult>): InputResult => ({
  ...NOTHING_RAN,
  verdict: 'OK',
  exitCode: 0,
  queuedMs: 0,
  errorMessage: null,
  ...changes,
});
const failed = inputResult({ verdict: 'NONZERO_EXIT', exitCode: 3 });
const killed = inputResult({
  verdict: 'SIGNALLED',
  exitCode: null,
  signal: 'SIGXFSZ',
  errorMessage: 'A file.',
});
const cancelled = inputResult({ verdict: 'CANCELLED', exitCode: null });

describe('summarizeResults', () => {
  it.each([
    ['the first if all are OK', [inputResult({}), inputResult({})], inputResult({})],
    ['the first that is not OK', [inputResult({}), killed, failed], killed],
    ['the first of several that are not OK', [failed, killed], failed],
    ['the cancelled one, even if another failed before it', [failed, inputResult({}), cancelled], cancelled],
  ])('has the verdict of %s', (_which, results, { verdict, exitCode, signal, errorMessage }) => {
    expect(summarizeResults(results, COMPILATION)).toMatchObject({ verdict, exitCode, signal, errorMessage });
  });

  it('sums bytes and times, has the largest memory value, and leaves the output out', () => {
    const results = [
      inputResult({
        stdout: 'a',
        stdoutBytes: 1,
        resource: resource(10.1, 5.2, 8),
        queuedMs: 3,
        sandbox: 'warm',
      }),
      inputResult({
        stderr: 'bc',
        stderrBytes: 20,
        stderrTruncated: true,
        resource: resource(20.2, 40.1, 9.5),
      }),
      inputResult({ stdoutBytes: 5, queuedMs: 9, sandbox: 'cold' }),
    ];
    expect(summarizeResults(results, COMPILATION)).toEqual({
      ...COMPILATION,
      verdict: 'OK',
      exitCode: 0,
      signal: null,
      errorMessage: null,
      stdout: '',
      stderr: '',
      stdoutBytes: 6,
      stderrBytes: 20,
      stdoutTruncated: false,
      stderrTruncated: true,
      queuedMs: 3,
      sandbox: 'warm',
      results,
      resource: { ...resource(30.3, 45.3, 9.5), cpuPercent: 149.5 },
      completedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
  });

  it('has no resource usage if no program ran', () => {
    expect(summarizeResults([cancelled, cancelled], COMPILATION).resource).toBeNull();
  });
});

describe('summarizeCompileFailure', () => {
  it('repeats the failure for every input and counts the wait for the slot once', () => {
    const refused = { ...NOTHING_RAN, verdict: 'COMPILE_ERROR', errorMessage: 'The time.' } as const;
    const report = summarizeCompileFailure({ ...refused, compile: null, compileCached: false }, 2, 4);
    expect(report).toMatchObject({ ...refused, queuedMs: 4 });
    expect(report.results).toEqual([
      { ...refused, queuedMs: 4 },
      { ...refused, queuedMs: 0 },
    ]);
  });
});
