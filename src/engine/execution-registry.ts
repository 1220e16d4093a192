import { type LinkedAbort, linkedAbort } from '../common/async/abort';
import { ProblemException } from '../common/problems/problem.exception';

interface Entry {
  status: 'QUEUED' | 'RUNNING';
  readonly abort: LinkedAbort;
  /** Settles when the execution has ended; never rejects. */
  readonly completed: Promise<unknown>;
}

/** The queued and running executions, by job id. */
export class ExecutionRegistry {
  private readonly entries = new Map<string, Entry>();

  /**
   * Registers an execution for as long as `work` takes. The signal that `work` receives aborts on a cancel or when one
   * of `signals` aborts. `work` calls `onStarted` when it leaves the queue.
   * @throws ProblemException `job-already-running`
   */
  async track<T>(
    jobId: string,
    signals: readonly AbortSignal[],
    work: (signal: AbortSignal, onStarted: () => void) => Promise<T>,
  ): Promise<T> {
    const present = this.entries.get(jobId);
    if (present) {
      throw new ProblemException('job-already-running', 'The engine is executing this job.', {
        currentStatus: present.status,
      });
    }
    const abort = linkedAbort(...signals);
    const result = work(abort.signal, () => {
      const entry = this.entries.get(jobId);
      if (entry) entry.status = 'RUNNING';
    });
    this.entries.set(jobId, { status: 'QUEUED', abort, completed: result.catch(() => undefined) });
    try {
      return await result;
    } finally {
      abort.unlink();
      this.entries.delete(jobId);
    }
  }

  findStatus(jobId: string): Entry['status'] | undefined {
    return this.entries.get(jobId)?.status;
  }

  /** Resolves when the execution has ended, with false if there is none. */
  async cancel(jobId: string): Promise<boolean> {
    const entry = this.entries.get(jobId);
    if (!entry) return false;
    entry.abort.abort();
    await entry.completed;
    return true;
  }

  async allCompleted(): Promise<void> {
    await Promise.all([...this.entries.values()].map(({ completed }) => completed));
  }
}
