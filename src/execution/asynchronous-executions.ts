import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../common/problems/storage-unavailable.error';
import type { Job } from '../jobs/job';
import { queuedState } from '../jobs/job-transitions';
import type { ExecuteRequest } from './dto/execute.request.dto';
import { ExecutionAdmission, type ExecutionOptions } from './execution-admission';
import { QueueMessageSender, resendDueAt } from './queue/queue-message-sender';
import { QueuedRequestStore } from './queue/queued-request.store';

/** Executions that are queued durably and run by a worker; their clients do not wait on a connection. */
@Injectable()
export class AsynchronousExecutions {
  constructor(
    private readonly admission: ExecutionAdmission,
    private readonly requests: QueuedRequestStore,
    private readonly messages: QueueMessageSender,
  ) {}

  /**
   * Queues the execution durably: once this returns, the execution is not lost.
   * @returns the job, QUEUED; for a repeated request the job as it is
   * @throws ProblemException see ExecutionAdmission; the job is then in the state in which it was
   */
  async enqueue(jobId: string, request: ExecuteRequest, options: ExecutionOptions): Promise<Job> {
    const admission = await this.admission.admit(jobId, request, options);
    if (admission.kind === 'repeated') return admission.job;
    const requestKey = await this.requests.put(admission.input);
    const params = { ...admission.params, requestKey };
    try {
      const { job } = await this.admission.start(admission.job, (current) => {
        const now = new Date();
        const dueAt = resendDueAt(now.toISOString(), now.getTime());
        return queuedState(current, params, dueAt, now.toISOString());
      });
      await this.messages.send(job);
      return job;
    } catch (error) {
      // The write may have happened although the storage did not confirm it; the job must then find its request.
      if (!(error instanceof StorageUnavailableError)) void this.requests.delete(requestKey);
      throw error;
    }
  }
}
