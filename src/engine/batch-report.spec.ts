/** What many results come to. */
import { type InputResult, NOTHING_RAN, type Resource } from '../engine-contract/report';
import { summarizeCompileFailure, summarizeResults } from './batch-report';

const COMPILATION = { compile: null, compileCached: true };
const resource = (executionTimeMs: number, cpuTimeMs: number, memoryMb: number): Resource => ({
  ...{ executionTimeMs, cpuTimeMs, cpuPercent: 1, memoryMb, accounting: 'cgroup-v2' },
});
const resultOf = (changes: Partial<InputResult>): InputResult => ({
  ...{ ...NOTHING_RAN, verdict: 'OK', exitCode: 0, queuedMs: 0, errorMessage: null },
  ...changes,
});
const failed = resultOf({ verdict: 'NONZERO_EXIT', exitCode: 3 });
const killed = resultOf({ verdict: 'SIGNALLED', exitCode: null, signal: 'SIGXFSZ', errorMessage: 'A file.' });
const cancelled = resultOf({ verdict: 'CANCELLED', exitCode: null });

describe('summaryOf', () => {
  it.each([
    ['the first when all are OK', [resultOf({}), resultOf({})], resultOf({})],
    ['the first that is not OK', [resultOf({}), killed, failed], killed],
    ['the first that is not OK, whichever it is', [failed, killed], failed],
    ['one that was cancelled, whatever failed before', [failed, resultOf({}), cancelled], cancelled],
  ])('tells the ending of %s', (_which, results, { verdict, exitCode, signal, errorMessage }) => {
    expect(summarizeResults(results, COMPILATION)).toMatchObject({ verdict, exitCode, signal, errorMessage });
  });

  it('adds up bytes and times, takes the largest memory, and shows no output', () => {
    const results = [
      resultOf({
        stdout: 'a',
        stdoutBytes: 1,
        resource: resource(10.1, 5.2, 8),
        queuedMs: 3,
        sandbox: 'warm',
      }),
      resultOf({ stderr: 'bc', stderrBytes: 20, stderrTruncated: true, resource: resource(20.2, 40.1, 9.5) }),
      resultOf({ stdoutBytes: 5, queuedMs: 9, sandbox: 'cold' }),
    ];
    expect(summarizeResults(results, COMPILATION)).toEqual({
      ...{ verdict: 'OK', exitCode: 0, signal: null, errorMessage: null, ...COMPILATION },
      ...{ stdout: '', stderr: '', stdoutBytes: 6, stderrBytes: 20 },
      ...{ stdoutTruncated: false, stderrTruncated: true, queuedMs: 3, sandbox: 'warm', results },
      resource: { ...resource(30.3, 45.3, 9.5), cpuPercent: 149.5 },
      completedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
  });

  it('has no figures when nothing ran', () => {
    expect(summarizeResults([cancelled, cancelled], COMPILATION).resource).toBeNull();
  });
});

it('A program that could not be compiled has the same result for every input, of which the first had waited', () => {
  const refused = { ...NOTHING_RAN, verdict: 'COMPILE_ERROR', errorMessage: 'The time.' } as const;
  const report = summarizeCompileFailure({ ...refused, compile: null, compileCached: false }, 2, 4);
  expect(report).toMatchObject({ ...refused, queuedMs: 4 });
  expect(report.results).toEqual([
    { ...refused, queuedMs: 4 },
    { ...refused, queuedMs: 0 },
  ]);
});
