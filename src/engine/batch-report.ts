/** What is told of many inputs: a result for each, and their summary. */
import { type ExecutionReport, type InputResult, NOTHING_RAN } from '../engine-contract/report';
import type { RunReport } from './executor-dependencies';
import { sumResources } from './resource';
import { EngineError } from './sandbox/engine.error';

/** What there is to say of an input; the compilation is told once, of the whole. */
export function toInputResult(report: RunReport, queuedMs: number): InputResult {
  const { compile: _compile, compileCached: _compileCached, ...result } = report;
  return { ...result, queuedMs };
}

/** Of a program that could not be compiled. @param queuedMs of the slot in which that was tried */
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

export function summarizeResults(
  results: readonly InputResult[],
  { compile, compileCached }: Pick<RunReport, 'compile' | 'compileCached'>,
): ExecutionReport {
  const [first] = results;
  if (!first) throw new EngineError('There was no input');
  const told =
    results.find(({ verdict }) => verdict === 'CANCELLED') ??
    results.find(({ verdict }) => verdict !== 'OK') ??
    first;
  return {
    ...NOTHING_RAN,
    verdict: told.verdict,
    exitCode: told.exitCode,
    signal: told.signal,
    stdoutBytes: total(results.map(({ stdoutBytes }) => stdoutBytes)),
    stderrBytes: total(results.map(({ stderrBytes }) => stderrBytes)),
    stdoutTruncated: results.some(({ stdoutTruncated }) => stdoutTruncated),
    stderrTruncated: results.some(({ stderrTruncated }) => stderrTruncated),
    resource: sumResources(results.flatMap(({ resource }) => resource ?? [])),
    compile,
    compileCached,
    sandbox: first.sandbox,
    // The first input always has the first slot.
    queuedMs: first.queuedMs,
    completedAt: new Date().toISOString(),
    errorMessage: told.errorMessage,
    results,
  };
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
