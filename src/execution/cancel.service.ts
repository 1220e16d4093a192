/** Cancels: retires a pending job, or stops an execution and waits for its end. */
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { type Job, isActive, isFinal } from '../jobs/job';
import { retiredState } from '../jobs/job-transitions';
import { JobRepository } from '../jobs/job.repository';
import { JobsService } from '../jobs/jobs.service';
import { EngineClient } from './engine.client';
import { RunningJobs } from './running-jobs';

/** For an execution of another process, whose end can only be seen in the storage. */
const POLL_MS = 50;
const POLLS_MAX = 200;

@Injectable()
export class CancelService {
  constructor(
    private readonly jobs: JobsService,
    private readonly repository: JobRepository,
    private readonly running: RunningJobs,
    private readonly engine: EngineClient,
  ) {}

  /** @throws ProblemException `job-not-found`, `job-already-finished` */
  async cancel(jobId: string): Promise<Job> {
    const job = await this.jobs.get(jobId);
    if (job.status === 'PENDING') return this.retire(job);
    return asCancelled(isActive(job.status) ? await this.stop(job) : job);
  }

  /** An execution that begins at the same moment wins, and is then stopped like any other. */
  private async retire(job: Job): Promise<Job> {
    const from = { statuses: ['PENDING'], attempt: job.attempt } as const;
    const transition = await this.repository.transition(
      job.jobId,
      from,
      retiredState(job, new Date().toISOString()),
    );
    return transition.kind === 'changed' ? transition.job : this.cancel(job.jobId);
  }

  private async stop(job: Job): Promise<Job> {
    if (!this.running.has(job.jobId)) return this.stopElsewhere(job);
    // An execution that the engine refused meanwhile has put the job back to where it was.
    return (await this.running.stop(job.jobId, 'cancel')) ?? this.jobs.get(job.jobId);
  }

  /** The process that awaits the execution writes the end; the engine ends the program for whoever asks. */
  private async stopElsewhere(job: Job): Promise<Job> {
    let isStopped = false;
    for (let poll = 0; poll < POLLS_MAX; poll += 1) {
      // The other process may not have come to the engine yet.
      isStopped ||= await this.engine.cancel(job.jobId);
      const current = await this.jobs.get(job.jobId);
      if (!isActive(current.status) || current.attempt !== job.attempt) return current;
      await delay(POLL_MS);
    }
    throw new ProblemException(
      'engine-timeout',
      'The execution was told to end, but its end was not seen in time.',
    );
  }
}

function asCancelled(job: Job): Job {
  if (job.status === 'CANCELLED') return job;
  const detail = isFinal(job.status)
    ? `The job has already ended as ${job.status}.`
    : `The job is ${job.status} again.`;
  throw new ProblemException('job-already-finished', detail, { currentStatus: job.status });
}
