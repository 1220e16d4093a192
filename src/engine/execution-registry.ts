/** The executions that are queued or running, by the job that they are for. */
import { type LinkedAbort, linkedAbort } from '../common/async/abort';
import { ProblemException } from '../common/problems/problem.exception';

interface Entry {
  status: 'QUEUED' | 'RUNNING';
  readonly cancel: LinkedAbort;
  readonly ended: Promise<unknown>;
}

export class ExecutionRegistry {
  private readonly entries = new Map<string, Entry>();

  /**
   * Does the work of one execution under a signal that a cancel, or any of `signals`, aborts.
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
    const cancel = linkedAbort(...signals);
    const result = work(cancel.signal, () => {
      const entry = this.entries.get(jobId);
      if (entry) entry.status = 'RUNNING';
    });
    this.entries.set(jobId, { status: 'QUEUED', cancel, ended: result.catch(() => undefined) });
    try {
      return await result;
    } finally {
      cancel.unlink();
      this.entries.delete(jobId);
    }
  }

  findStatus(jobId: string): Entry['status'] | undefined {
    return this.entries.get(jobId)?.status;
  }

  /** Settles when the execution has ended; false when there is none. */
  async cancel(jobId: string): Promise<boolean> {
    const entry = this.entries.get(jobId);
    if (!entry) return false;
    entry.cancel.abort();
    await entry.ended;
    return true;
  }

  async allCompleted(): Promise<void> {
    await Promise.all([...this.entries.values()].map(({ ended }) => ended));
  }
}
