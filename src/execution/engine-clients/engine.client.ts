import type { ExecutionRequest } from '../../engine-contract/execution-request';
import type { Language } from '../../engine-contract/language';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';
import type { ProblemCode } from '../../common/problems/catalogue';

export interface ExecutionOptions {
  /** Cancels the execution: the engine stops the program, and the report covers what ran until then. */
  readonly signal: AbortSignal;
  /** Called with each chunk in order, before `execute` returns. */
  readonly onOutput: (chunk: OutputChunk) => void;
}

const REJECTIONS: readonly ProblemCode[] = [
  'engine-busy',
  'sandbox-unavailable',
  'unsupported-language',
  'shutting-down',
];

/** Whether the engine rejected the request, so that nothing was executed. Any other problem is a failure of the engine. */
export const isEngineRejection = (code: ProblemCode): boolean => REJECTIONS.includes(code);

export interface EngineHealth {
  readonly isolation: string;
  readonly accounting: string | null;
  /** What is wrong, with the command that fixes it; null when nothing is. */
  readonly warning: string | null;
  readonly canExecute: boolean;
}

/**
 * The port to an execution engine.
 *
 * Every method throws a ProblemException when the engine fails: `engine-unavailable` when it cannot be reached,
 * `engine-error` when it returns an invalid response.
 */
export abstract class EngineClient {
  /**
   * @returns the report, whether the program succeeded or not
   * @throws ProblemException also `engine-busy`, `sandbox-unavailable`, `unsupported-language`, `shutting-down` when the
   *   engine rejected the request, so that nothing was executed
   */
  abstract execute(request: ExecutionRequest, options: ExecutionOptions): Promise<ExecutionReport>;
  /** @returns true once the whole process tree of the execution has ended; false when the engine has no such execution */
  abstract cancel(jobId: string): Promise<boolean>;
  abstract languages(): Promise<readonly Language[]>;
  abstract ping(): Promise<EngineHealth>;
}
