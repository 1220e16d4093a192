/** The output of the executions that this process runs, from the first chunk until it is stored. */
import { Injectable } from '@nestjs/common';
import { deferred } from '../common/deferred';
import type { OutputChunk } from '../common/report';
import type { Job } from '../jobs/job';

export class LiveOutput {
  /** In order; the `seq` of each is its index. */
  readonly chunks: OutputChunk[] = [];
  private closed = false;
  private readonly readers = new Set<() => void>();

  constructor(readonly attempt: number) {}

  /** Whether nothing more comes: whoever wants more finds it in the storage. */
  get isClosed(): boolean {
    return this.closed;
  }

  push(chunk: OutputChunk): void {
    this.chunks.push(chunk);
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Waits until there are more than `count` chunks, or it is closed, or the signal aborts. */
  async moreThan(count: number, signal: AbortSignal): Promise<void> {
    while (this.chunks.length <= count && !this.closed && !signal.aborted) {
      const { promise, resolve } = deferred();
      const look = (): void => {
        resolve();
      };
      this.readers.add(look);
      signal.addEventListener('abort', look, { once: true });
      await promise;
      this.readers.delete(look);
      signal.removeEventListener('abort', look);
    }
  }

  private wake(): void {
    for (const wake of [...this.readers]) wake();
  }
}

@Injectable()
export class LiveOutputs {
  private readonly all = new Map<string, LiveOutput>();
  private readonly awaiting = new Set<() => void>();

  /** @param job RUNNING, in the attempt whose output it is */
  open({ jobId, attempt }: Job): LiveOutput {
    const output = new LiveOutput(attempt);
    this.all.set(jobId, output);
    for (const look of [...this.awaiting]) look();
    return output;
  }

  /** Waits until the output of this attempt is open here, or the signal aborts: its job is RUNNING a moment before. */
  async opened({ jobId, attempt }: Job, signal: AbortSignal): Promise<void> {
    const isOpen = (): boolean => {
      const output = this.all.get(jobId);
      return output?.attempt === attempt && !output.isClosed;
    };
    while (!isOpen() && !signal.aborted) {
      const { promise, resolve } = deferred();
      const look = (): void => {
        resolve();
      };
      this.awaiting.add(look);
      signal.addEventListener('abort', look, { once: true });
      await promise;
      this.awaiting.delete(look);
      signal.removeEventListener('abort', look);
    }
  }

  /** Undefined when this process does not run this job. */
  find(jobId: string): LiveOutput | undefined {
    return this.all.get(jobId);
  }

  /** Readers that are behind keep the chunks that they have not read. */
  close(jobId: string, output: LiveOutput): void {
    output.close();
    if (this.all.get(jobId) === output) this.all.delete(jobId);
  }
}
