import type { ExecutionReport, InputResult, SandboxStart } from '../engine-contract/report';
import { toResource } from './resource';
import type { Runtime } from './runtimes/runtime';
import type { Limits } from './sandbox/limits';
import type { SandboxResult } from './sandbox/prepared-sandbox';
import { determineVerdict } from './verdict';

/** The report of a run with one input, without the times that only the caller knows. */
export type RunReport = Omit<ExecutionReport, 'queuedMs' | 'completedAt' | 'results'>;

export function toRunReport(
  result: SandboxResult,
  runtime: Runtime,
  limits: Limits,
  sandbox: SandboxStart,
): RunReport {
  return {
    verdict: determineVerdict(result, runtime),
    exitCode: result.exitCode,
    signal: result.signal,
    ...result.output,
    resource: toResource(result),
    compile: null,
    compileCached: false,
    sandbox,
    errorMessage:
      result.signal === 'SIGXFSZ'
        ? `The program wrote a file larger than its limit of ${limits.fileMb.toString()} MiB.`
        : null,
  };
}

export const toExecutionReport = (report: RunReport, queuedMs: number): ExecutionReport => ({
  ...report,
  queuedMs,
  completedAt: new Date().toISOString(),
});

/** The result of one of many inputs. The compilation is left out, because it is reported once for all inputs. */
export function toInputResult(report: RunReport, queuedMs: number): InputResult {
  const { compile: _compile, compileCached: _compileCached, ...result } = report;
  return { ...result, queuedMs };
}
