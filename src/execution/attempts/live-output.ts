/** The output of the executions that this process runs, from the first chunk until it is stored. */
import { Injectable } from '@nestjs/common';
import type { OutputChunk } from '../../engine-contract/report';
import { Condition } from '../../common/async/condition';
import type { Job } from '../../jobs/job';

export class LiveOutput {
  /** In order; the `seq` of each is its index. */
  readonly chunks: OutputChunk[] = [];
  private closed = false;
  private readonly readers = new Condition();

  constructor(readonly attempt: number) {}

  /** Whether nothing more comes: whoever wants more finds it in the storage. */
  get isClosed(): boolean {
    return this.closed;
  }

  push(chunk: OutputChunk): void {
    this.chunks.push(chunk);
    this.readers.notifyAll();
  }

  close(): void {
    this.closed = true;
    this.readers.notifyAll();
  }

  /** Waits until there are more than `count` chunks, or it is closed, or the signal aborts. */
  moreThan(count: number, signal: AbortSignal): Promise<void> {
    return this.readers.waitUntil(() => this.chunks.length > count || this.closed, signal);
  }
}

@Injectable()
export class LiveOutputRegistry {
  private readonly all = new Map<string, LiveOutput>();
  private readonly awaiting = new Condition();

  /** @param job RUNNING, in the attempt whose output it is */
  open({ jobId, attempt }: Job): LiveOutput {
    const output = new LiveOutput(attempt);
    this.all.set(jobId, output);
    this.awaiting.notifyAll();
    return output;
  }

  /** Waits until the output of this attempt is open here, or the signal aborts: its job is RUNNING a moment before. */
  opened({ jobId, attempt }: Job, signal: AbortSignal): Promise<void> {
    return this.awaiting.waitUntil(() => {
      const output = this.all.get(jobId);
      return output?.attempt === attempt && !output.isClosed;
    }, signal);
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
