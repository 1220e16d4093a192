import { type ExecutionReport, type InputResult, NOTHING_RAN } from '../engine-contract/report';
import { sumResources } from './resource';
import { type RunReport, toInputResult } from './run-report';
import { EngineError } from './sandbox/engine.error';

/**
 * The report of an execution whose program did not compile: every input has the same result.
 * @param queuedMs the wait for the slot of the compilation, which counts for the first input alone
 */
export function summarizeCompileFailure(
  report: RunReport,
  inputs: number,
  queuedMs: number,
): ExecutionReport {
  const results = Array.from({ length: inputs }, (_, index) =>
    toInputResult(report, index === 0 ? queuedMs : 0),
  );
  return summarizeResults(results, report);
}

/**
 * The report of many inputs. The first cancelled result decides its verdict, otherwise the first that is not OK,
 * otherwise the first. Bytes and times are summed, memory is the largest value, and output is left out.
 */
export function summarizeResults(
  results: readonly InputResult[],
  { compile, compileCached }: Pick<RunReport, 'compile' | 'compileCached'>,
): ExecutionReport {
  const [first] = results;
  if (!first) throw new EngineError('There was no input');
  const decisive =
    results.find(({ verdict }) => verdict === 'CANCELLED') ??
    results.find(({ verdict }) => verdict !== 'OK') ??
    first;
  return {
    ...NOTHING_RAN,
    verdict: decisive.verdict,
    exitCode: decisive.exitCode,
    signal: decisive.signal,
    stdoutBytes: sum(results.map(({ stdoutBytes }) => stdoutBytes)),
    stderrBytes: sum(results.map(({ stderrBytes }) => stderrBytes)),
    stdoutTruncated: results.some(({ stdoutTruncated }) => stdoutTruncated),
    stderrTruncated: results.some(({ stderrTruncated }) => stderrTruncated),
    resource: sumResources(results.flatMap(({ resource }) => resource ?? [])),
    compile,
    compileCached,
    sandbox: first.sandbox,
    // The first input always has the first slot.
    queuedMs: first.queuedMs,
    completedAt: new Date().toISOString(),
    errorMessage: decisive.errorMessage,
    results,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
