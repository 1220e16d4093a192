import { Injectable } from '@nestjs/common';
import { Condition } from '../../common/async/condition';
import type { OutputChunk } from '../../engine-contract/report';
import type { Job } from '../../jobs/job';

/** The output of a running attempt, kept in memory until its logs are stored. */
export class LiveOutput {
  /** The chunks in order: the `seq` of each is its index. */
  readonly chunks: OutputChunk[] = [];
  private closed = false;
  private readonly readers = new Condition();

  constructor(readonly attempt: number) {}

  /** Whether no more chunks follow here: readers that are not at the end yet find the rest in the stored logs. */
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

  /** Waits until there are more than `count` chunks, the output is closed, or the signal aborts. */
  waitForMore(count: number, signal: AbortSignal): Promise<void> {
    return this.readers.waitUntil(() => this.chunks.length > count || this.closed, signal);
  }
}

/** The output of all attempts that this process runs. */
@Injectable()
export class LiveOutputRegistry {
  private readonly outputs = new Map<string, LiveOutput>();
  private readonly openings = new Condition();

  /** @param job RUNNING, in the attempt whose output is opened */
  open({ jobId, attempt }: Job): LiveOutput {
    const output = new LiveOutput(attempt);
    this.outputs.set(jobId, output);
    this.openings.notifyAll();
    return output;
  }

  /**
   * Waits until the output of this attempt is open in this process, or the signal aborts. A job is RUNNING a moment before its
   * output is opened.
   */
  waitUntilOpen({ jobId, attempt }: Job, signal: AbortSignal): Promise<void> {
    return this.openings.waitUntil(() => {
      const output = this.outputs.get(jobId);
      return output?.attempt === attempt && !output.isClosed;
    }, signal);
  }

  /** Undefined when this process does not run this job. */
  find(jobId: string): LiveOutput | undefined {
    return this.outputs.get(jobId);
  }

  /** Readers keep access to the chunks that they have not read yet. */
  close(jobId: string, output: LiveOutput): void {
    output.close();
    if (this.outputs.get(jobId) === output) this.outputs.delete(jobId);
  }
}
