import { Injectable, Logger } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import type { Delivery } from '../../jobs/execution.queue';
import type { Job } from '../../jobs/job';
import { JobRepository } from '../../jobs/job.repository';
import { type Lease, startedState } from '../../jobs/job-transitions';
import { AttemptRunner, type AttemptStart } from '../attempts/attempt-runner';
import { StartWriter } from '../attempts/start-writer';
import { QueuedRequestStore } from './queued-request.store';

/** Milliseconds after which a message is delivered again when the storage failed. */
const REDELIVERY_MS = 5000;

/** Runs the execution that a queue message is about. */
@Injectable()
export class DeliveryProcessor {
  private readonly logger = new Logger(DeliveryProcessor.name);

  constructor(
    private readonly jobs: JobRepository,
    private readonly requests: QueuedRequestStore,
    private readonly starts: StartWriter,
    private readonly attempts: AttemptRunner,
  ) {}

  /**
   * Never rejects: after a failure the job is QUEUED or has a lease, so that JobReconciler finds it when it is due.
   * @param stopping aborts when this process must start no more executions
   */
  async process(delivery: Delivery, stopping: AbortSignal): Promise<void> {
    const { jobId, fence } = delivery.message;
    try {
      const job = await this.jobs.find(jobId);
      if (stopping.aborted) await delivery.release(0);
      else if (job?.status !== 'QUEUED' || job.fence !== fence) await delivery.acknowledge();
      else await this.attempts.run(jobId, (createLease) => this.start(job, delivery, createLease));
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'failed to run queued execution');
      // The execution may have started in spite of the error. Its message is then obsolete, and a redelivery does no harm.
      if (error instanceof StorageUnavailableError)
        await delivery.release(REDELIVERY_MS).catch(() => undefined);
    }
  }

  private async start(queued: Job, delivery: Delivery, createLease: () => Lease): Promise<AttemptStart> {
    const { jobId, dispatch } = queued;
    if (!dispatch) throw new Error(`job ${jobId} is QUEUED without a dispatch`);
    const state = startedState(queued, dispatch, createLease(), new Date().toISOString());
    const result = await this.starts.write(queued, state);
    // Also when another worker was faster, or the job was cancelled: the message is obsolete.
    await this.acknowledge(delivery);
    switch (result.kind) {
      case 'changed':
        return {
          kind: 'started',
          job: result.job,
          before: undefined,
          input: () => this.requests.get(dispatch.requestKey ?? ''),
        };
      case 'conflict':
        return { kind: 'superseded', job: result.current };
      case 'missing':
        return { kind: 'superseded', job: queued };
    }
  }

  /** A message that stays in the queue is delivered again, and is then obsolete. */
  private async acknowledge(delivery: Delivery): Promise<void> {
    try {
      await delivery.acknowledge();
    } catch (error) {
      const { jobId } = delivery.message;
      this.logger.warn({ err: error, job_id: jobId }, 'failed to acknowledge queue message');
    }
  }
}
