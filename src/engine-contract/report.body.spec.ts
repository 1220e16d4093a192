import type { CompileReport, ExecutionReport, InputResult, Resource } from './report';
import { ReportBody } from './report.body';

let count = 0;
const next = (): number => (count += 1);
const resource = (): Resource => ({
  executionTimeMs: next(),
  cpuTimeMs: next(),
  cpuPercent: next(),
  memoryMb: next(),
  accounting: 'cgroup-v2',
});
const result = (changes: Partial<InputResult> = {}): InputResult => ({
  verdict: 'NONZERO_EXIT',
  exitCode: next(),
  signal: `s${next().toString()}`,
  stdout: `o${next().toString()}`,
  stderr: `e${next().toString()}`,
  stdoutBytes: next(),
  stderrBytes: next(),
  stdoutTruncated: true,
  stderrTruncated: false,
  resource: resource(),
  sandbox: 'warm',
  queuedMs: next(),
  errorMessage: `m${next().toString()}`,
  ...changes,
});
const COMPILE: CompileReport = {
  exitCode: next(),
  signal: null,
  stdout: 'o',
  stderr: 'e',
  stdoutBytes: next(),
  stderrBytes: next(),
  stdoutTruncated: false,
  stderrTruncated: true,
  resource: resource(),
};
const REPORT: ExecutionReport = {
  ...result(),
  compile: COMPILE,
  compileCached: true,
  completedAt: '2026-01-31T12:00:00.000Z',
};
/** The body after it was sent as JSON. */
const sent = (report: ExecutionReport): ReportBody =>
  JSON.parse(JSON.stringify(ReportBody.fromReport('id', report))) as ReportBody;

describe('ReportBody', () => {
  it.each<[string, ExecutionReport]>([
    ['a report', REPORT],
    [
      'a report without resource usage',
      { ...REPORT, compile: null, resource: null, sandbox: null, exitCode: null },
    ],
    ['many results', { ...REPORT, results: [result(), result({ verdict: 'OK' })] }],
  ])('restores %s', (_what, report) => {
    expect(ReportBody.toReport(sent(report))).toStrictEqual(report);
  });

  it('restores the compilation', () => {
    expect(ReportBody.toReport(sent(REPORT)).compile).toStrictEqual(COMPILE);
  });

  it('sets the status of each result from its own verdict', () => {
    const results = [result({ verdict: 'TIME_LIMIT' }), result({ verdict: 'OK' })];
    const body = sent({ ...REPORT, verdict: 'TIME_LIMIT', results });
    expect([body.status, body.results?.map(({ status }) => status)]).toEqual([
      'TIMEOUT',
      ['TIMEOUT', 'SUCCESS'],
    ]);
  });
});
