import { Injectable } from '@nestjs/common';
import { type Job, isActive } from '../jobs/job';
import { type Lease, runningState } from '../jobs/job-transitions';
import { JobsService } from '../jobs/jobs.service';
import { AttemptRunner, type AttemptStart } from './attempts/attempt-runner';
import type { ExecuteRequest } from './dto/execute.request.dto';
import { ExecutionAdmission, type ExecutionOptions } from './execution-admission';

/** Executions whose clients wait on the connection for the result. */
@Injectable()
export class SynchronousExecutions {
  constructor(
    private readonly admission: ExecutionAdmission,
    private readonly attempts: AttemptRunner,
    private readonly jobs: JobsService,
  ) {}

  /**
   * Executes the job and waits for the end.
   * @throws ProblemException the job is then FAILED, or in the state in which it was
   */
  async execute(jobId: string, request: ExecuteRequest, options: ExecutionOptions): Promise<Job> {
    const { disconnect } = options;
    const admission = await this.admission.admit(jobId, request, options);
    if (admission.kind === 'repeated')
      return (await this.waitForEnd(admission.job, disconnect)) ?? this.execute(jobId, request, options);
    const { params, input } = admission;
    const start = async (createLease: () => Lease): Promise<AttemptStart> => {
      const { before, job } = await this.admission.start(admission.job, (current) =>
        runningState(current, params, createLease(), new Date().toISOString()),
      );
      return { kind: 'started', job, before, input: () => Promise.resolve(input) };
    };
    return this.attempts.run(jobId, start, disconnect);
  }

  /**
   * Waits until the current execution of the job has ended or the client disconnects.
   * @returns the job afterwards; undefined when the execution was reverted
   */
  private async waitForEnd(job: Job, disconnect = new AbortController().signal): Promise<Job | undefined> {
    const { jobId, executionId } = job;
    const isExecuting = (current: Job): boolean =>
      current.executionId === executionId && isActive(current.status);
    if (!isExecuting(job)) return job;
    const ended = await this.jobs.waitForChange(jobId, isExecuting, disconnect);
    return ended.executionId === executionId ? ended : undefined;
  }
}
