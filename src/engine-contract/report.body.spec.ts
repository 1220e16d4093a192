/** Nothing of a report is lost on its way over HTTP. */
import type { CompileReport, ExecutionReport, InputResult, Resource } from './report';
import { ReportBody } from './report.body';

let count = 0;
const next = (): number => (count += 1);
const resource = (): Resource => ({
  ...{ executionTimeMs: next(), cpuTimeMs: next(), cpuPercent: next(), memoryMb: next() },
  accounting: 'cgroup-v2',
});
const result = (changes: Partial<InputResult> = {}): InputResult => ({
  ...{ verdict: 'NONZERO_EXIT', exitCode: next(), signal: `s${next().toString()}`, sandbox: 'warm' },
  ...{ stdout: `o${next().toString()}`, stderr: `e${next().toString()}` },
  ...{ stdoutBytes: next(), stderrBytes: next(), stdoutTruncated: true, stderrTruncated: false },
  ...{ resource: resource(), queuedMs: next(), errorMessage: `m${next().toString()}` },
  ...changes,
});
const COMPILE: CompileReport = {
  ...{ exitCode: next(), signal: null, resource: resource() },
  ...{ stdout: 'o', stderr: 'e', stdoutBytes: next(), stderrBytes: next() },
  ...{ stdoutTruncated: false, stderrTruncated: true },
};
const REPORT: ExecutionReport = {
  ...{ ...result(), compile: COMPILE, compileCached: true, completedAt: '2026-01-31T12:00:00.000Z' },
};
/** As it arrives. */
const sent = (report: ExecutionReport): ReportBody =>
  JSON.parse(JSON.stringify(ReportBody.fromReport('id', report))) as ReportBody;

describe('ReportBody', () => {
  it.each<[string, ExecutionReport]>([
    ['a report', REPORT],
    ['a report without figures', { ...REPORT, compile: null, resource: null, sandbox: null, exitCode: null }],
    ['many results', { ...REPORT, results: [result(), result({ verdict: 'OK' })] }],
  ])('gives back %s as it was', (_what, report) => {
    expect(ReportBody.toReport(sent(report))).toStrictEqual(report);
  });

  it('gives back what the compiler said', () => {
    expect(ReportBody.toReport(sent(REPORT)).compile).toStrictEqual(COMPILE);
  });

  it('has a status of its own for each result', () => {
    const results = [result({ verdict: 'TIME_LIMIT' }), result({ verdict: 'OK' })];
    const body = sent({ ...REPORT, verdict: 'TIME_LIMIT', results });
    expect([body.status, body.results?.map(({ status }) => status)]).toEqual([
      'TIMEOUT',
      ['TIMEOUT', 'SUCCESS'],
    ]);
  });
});
