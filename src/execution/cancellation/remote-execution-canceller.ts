import { Injectable } from '@nestjs/common';
import type { Job } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { EngineClient } from '../engine-clients/engine.client';
import { PeerCanceller } from '../peers/peer-canceller';
import { ExecutionEndWatcher } from './execution-end-watcher';

/** Cancels executions that another process runs. */
@Injectable()
export class RemoteExecutionCanceller {
  constructor(
    private readonly jobs: JobRepository,
    private readonly peers: PeerCanceller,
    private readonly engine: EngineClient,
    private readonly ends: ExecutionEndWatcher,
  ) {}

  /**
   * Stores the request to cancel in the job, and then calls the process that runs it. A process that cannot be called sees the
   * request with its next lease renewal; when it is dead, the execution is not attempted again.
   * @param job RUNNING
   * @returns the job after the execution; undefined when the execution ended at the same moment
   * @throws ProblemException `job-not-found`, `engine-timeout`
   */
  async cancel(job: Job): Promise<Job | undefined> {
    const { jobId, attempt, fence } = job;
    const requested = await this.jobs.updateFields(
      jobId,
      { statuses: ['RUNNING'], attempt, fence },
      { cancelRequested: true },
    );
    if (requested.kind !== 'changed') return undefined;
    // When gateways share an engine, any of them can cancel there.
    if (!(await this.peers.cancel(job))) await this.engine.cancel(jobId).catch(() => false);
    return this.ends.waitForEnd(requested.job);
  }
}
