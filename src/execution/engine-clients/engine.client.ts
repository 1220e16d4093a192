/** The port to an execution engine. */
import type { Language } from '../../engine-contract/language';
import type { ProblemCode } from '../../common/problems/catalogue';
import type { ExecutionReport, OutputChunk } from '../../engine-contract/report';

export interface ExecutionRequest {
  readonly jobId: string;
  /** Who asks, 1 to 128 characters: engines are fair between clients. */
  readonly client: string;
  readonly language: string;
  readonly code: string;
  /** Standard input. */
  readonly input: string;
  /** 1 to 100 standard inputs: the program is compiled once and run with each. When present, `input` is not read. */
  readonly inputs?: readonly string[] | undefined;
  /** ms of wall time of each run of the program, without its compilation. */
  readonly timeoutMs: number;
}

export interface ExecutionCalls {
  /** Cancels: the engine ends the program, and the report says what was done until then. */
  readonly signal: AbortSignal;
  /** Called in order, before the report is given. */
  readonly onOutput: (chunk: OutputChunk) => void;
}

const REFUSALS: readonly ProblemCode[] = [
  'engine-busy',
  'sandbox-unavailable',
  'unsupported-language',
  'shutting-down',
];

/** Whether the engine refused, so that nothing was executed; any other problem is its failure. */
export const isRefusal = (code: ProblemCode): boolean => REFUSALS.includes(code);

/** What an engine says of itself. */
export interface EngineCondition {
  readonly isolation: string;
  readonly accounting: string | null;
  /** What is wrong, with the command that helps; null when all is well. */
  readonly warning: string | null;
  readonly canExecute: boolean;
}

/**
 * Every method throws a ProblemException when the engine fails: `engine-unavailable` when it cannot be reached,
 * `engine-error` when it answers nonsense.
 */
export abstract class EngineClient {
  /**
   * Gives a report whatever the program does.
   * @throws ProblemException also `engine-busy`, `sandbox-unavailable`, `unsupported-language`, `shutting-down`: the
   *   engine refused, and nothing was executed
   */
  abstract execute(request: ExecutionRequest, calls: ExecutionCalls): Promise<ExecutionReport>;
  /** True when the execution was there and its whole process tree is gone; false when there is none. */
  abstract cancel(jobId: string): Promise<boolean>;
  abstract languages(): Promise<readonly Language[]>;
  abstract ping(): Promise<EngineCondition>;
}
