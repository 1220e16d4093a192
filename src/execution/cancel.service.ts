/** Cancels: retires a job that nobody runs yet, or stops an execution, wherever it runs, and waits for its end. */
import { Injectable, Logger } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { QueueSettings } from '../config/settings';
import { ExecutionQueue } from '../jobs/execution.queue';
import { type Job, isFinal } from '../jobs/job';
import { JobWatcher } from '../jobs/job-watcher';
import { retiredState } from '../jobs/job-transitions';
import { JobRepository } from '../jobs/job.repository';
import { JobsService, jobNotFound } from '../jobs/jobs.service';
import { JobReconciler } from './recovery/job-reconciler';
import { EngineClient } from './engine-clients/engine.client';
import { AttemptCompletion } from './attempts/attempt-completion';
import { PeerCancel } from './peers/peer-cancel';
import { ActiveExecutions } from './attempts/active-executions';

/** ms beyond a lease for the end to be seen: by then its process has ended it, or somebody else has. */
const END_MS_MAX = 5000;

@Injectable()
export class CancelService {
  private readonly logger = new Logger(CancelService.name);

  constructor(
    private readonly jobs: JobsService,
    private readonly repository: JobRepository,
    private readonly changes: JobWatcher,
    private readonly queue: ExecutionQueue,
    private readonly running: ActiveExecutions,
    private readonly peers: PeerCancel,
    private readonly engine: EngineClient,
    private readonly due: JobReconciler,
    private readonly finishing: AttemptCompletion,
    private readonly settings: QueueSettings,
  ) {}

  /**
   * @param isPeer whether another gateway asks: then what this process runs is stopped, and nobody else is asked
   * @throws ProblemException `job-not-found`, `job-already-finished`, `engine-timeout`
   */
  async cancel(jobId: string, isPeer = false): Promise<Job> {
    for (;;) {
      const job = await this.jobs.get(jobId);
      if (isFinal(job.status)) return asCancelled(job);
      const ended = job.status === 'RUNNING' ? await this.stop(job, isPeer) : await this.retire(job);
      // What is queued or begun again by then is cancelled like any other: a stop is no end of it.
      if (ended && (isPeer || isFinal(ended.status))) return asCancelled(ended);
    }
  }

  /** Undefined when an execution began at the same moment, which is then stopped like any other. */
  private async retire(job: Job): Promise<Job | undefined> {
    const { jobId, status, attempt, fence } = job;
    const from = { statuses: [status], attempt, fence };
    const transition = await this.changes.transition(
      jobId,
      from,
      retiredState(job, new Date().toISOString()),
    );
    if (transition.kind === 'missing') throw jobNotFound();
    if (transition.kind === 'conflict') return undefined;
    this.finishing.complete(job, transition.job);
    if (status === 'QUEUED') await this.takeOut(jobId, fence ?? '');
    return transition.job;
  }

  /** Its message means nothing any more, wherever it still is. */
  private async takeOut(jobId: string, fence: string): Promise<void> {
    try {
      await this.queue.remove({ jobId, fence });
    } catch (error) {
      this.logger.warn(
        { err: error, job_id: jobId },
        'the message of a cancelled job could not be taken out',
      );
    }
  }

  private async stop(job: Job, isPeer: boolean): Promise<Job | undefined> {
    if (!this.running.has(job.jobId)) return isPeer ? job : this.stopElsewhere(job);
    // An execution that the engine refused meanwhile has put the job back to where it was.
    return this.running.stop(job.jobId, 'cancel');
  }

  /**
   * Its process is asked; the wish is kept besides, so that it is heard with the next sign of life of a process that cannot
   * be asked, and counts when that never comes.
   */
  private async stopElsewhere(job: Job): Promise<Job | undefined> {
    const { jobId, attempt, fence } = job;
    const wish = await this.repository.updateFields(
      jobId,
      { statuses: ['RUNNING'], attempt, fence },
      { cancelRequested: true },
    );
    if (wish.kind !== 'changed') return undefined;
    // An engine that several gateways share ends the program for whoever asks.
    if (!(await this.peers.cancel(job))) await this.engine.cancel(jobId).catch(() => false);
    return this.endOf(wish.job);
  }

  private async endOf(job: Job): Promise<Job | undefined> {
    const patience = AbortSignal.timeout(this.settings.leaseMs + END_MS_MAX);
    for (let current: Job | undefined = job; ;) {
      if (!current) throw jobNotFound();
      if (current.status !== 'RUNNING' || current.fence !== job.fence) return current;
      if (patience.aborted) break;
      // The lease is renewed without a change of state: it is looked up when it would have ended.
      const lease = AbortSignal.timeout(Math.max(100, Date.parse(current.dueAt ?? '') - Date.now()));
      const seen: Job | undefined = await this.changes.next(current, AbortSignal.any([patience, lease]));
      current = seen === current ? await this.abandoned(current) : seen;
    }
    throw new ProblemException(
      'engine-timeout',
      'The execution was told to end, but its end was not seen in time.',
    );
  }

  private async abandoned({ jobId }: Job): Promise<Job | undefined> {
    const job = await this.repository.find(jobId);
    const isOver = job?.status === 'RUNNING' && Date.parse(job.dueAt ?? '') <= Date.now();
    return isOver ? this.due.takeOver(job) : job;
  }
}

function asCancelled(job: Job): Job {
  if (job.status === 'CANCELLED') return job;
  const detail = isFinal(job.status)
    ? `The job has already ended as ${job.status}.`
    : `The job is ${job.status} again.`;
  throw new ProblemException('job-already-finished', detail, { currentStatus: job.status });
}
