import { Injectable } from '@nestjs/common';
import { QueueSettings } from '../../config/settings';
import type { Job } from '../../jobs/job';

/** Milliseconds between two rounds of JobReconciler, at most. */
const INTERVAL_MS_MAX = 5000;
const INTERVALS_PER_LEASE = 3;

/** Checks jobs that this process changed at the moment they become due, ahead of the next round of JobReconciler. */
@Injectable()
export class JobCheckTimers {
  /** Milliseconds between two rounds of JobReconciler; a job that is due later is left to those rounds. */
  readonly intervalMs: number;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly checks = new Set<Promise<unknown>>();
  private check: (job: Job) => Promise<unknown> = () => Promise.resolve();
  private isStopped = false;

  constructor({ leaseMs }: QueueSettings) {
    this.intervalMs = Math.min(leaseMs / INTERVALS_PER_LEASE, INTERVAL_MS_MAX);
  }

  /** @param check called with each job that becomes due; it must not reject */
  onDue(check: (job: Job) => Promise<unknown>): void {
    this.check = check;
  }

  /** Checks the job at once when it is due already; ignores a job that never becomes due. */
  schedule(job: Job): void {
    if (job.dueAt === null || this.isStopped) return;
    const ms = Date.parse(job.dueAt) - Date.now();
    if (ms <= 0) this.start(job);
    else if (ms <= this.intervalMs) this.startLater(ms, job);
  }

  /** Drops the scheduled checks and waits for those that run. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.checks);
  }

  private startLater(ms: number, job: Job): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.start(job);
    }, ms);
    this.timers.add(timer);
  }

  private start(job: Job): void {
    const check = this.check(job).finally(() => this.checks.delete(check));
    this.checks.add(check);
  }
}
