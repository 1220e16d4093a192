import { v7 as uuidv7 } from 'uuid';
import type { OutputChunk } from '../../src/engine-contract/report';
import type { ExecutionRequest } from '../../src/engine-contract/execution-request';
import type { ExecutionOptions } from '../../src/execution/engine-clients/engine.client';

export const requestOf = (
  language: string,
  code: string,
  changes: Partial<ExecutionRequest> = {},
): ExecutionRequest => ({
  jobId: uuidv7(),
  client: 'a client',
  language,
  code,
  input: '',
  timeoutMs: 5000,
  ...changes,
});

/** Options that record the chunks of an execution. */
export interface ExecutionRecorder extends ExecutionOptions {
  readonly chunks: readonly OutputChunk[];
  readonly stop: () => void;
  /** Resolves when the output contains the text. */
  waitForOutput(text: string): Promise<void>;
}

export function createRecorder(): ExecutionRecorder {
  const controller = new AbortController();
  const chunks: OutputChunk[] = [];
  let onChunk = (): void => undefined;
  return {
    chunks,
    signal: controller.signal,
    stop: () => {
      controller.abort();
    },
    onOutput: (chunk) => {
      chunks.push(chunk);
      onChunk();
    },
    waitForOutput: (text) =>
      new Promise((resolve) => {
        onChunk = () => {
          if (textOf(chunks).includes(text)) resolve();
        };
        onChunk();
      }),
  };
}

export const textOf = (chunks: readonly OutputChunk[], stream?: OutputChunk['stream']): string =>
  chunks
    .filter((chunk) => stream === undefined || chunk.stream === stream)
    .map(({ data }) => data)
    .join('');
