/** Executes a job: from the request to its final state, whatever happens in between. */
import { Injectable } from '@nestjs/common';
import { ProblemException, invalidField } from '../common/problems/problem.exception';
import { shuttingDown } from '../common/problems/shutting-down';
import { StorageUnavailableError } from '../common/storage-unavailable.error';
import { ExecutionSettings } from '../config/settings';
import { type Job, isActive } from '../jobs/job';
import { runningState, stateOf } from '../jobs/job-transitions';
import { JobRepository, type Transition } from '../jobs/job.repository';
import { JobsService, jobNotFound } from '../jobs/jobs.service';
import { type ExecuteRequest, TIMEOUT_MS_DEFAULT } from './dto/execute.request.dto';
import { Attempt } from './attempt';
import { AttemptDependencies } from './attempt-dependencies';
import { RunningJobs } from './running-jobs';

interface Caller {
  /** The address. */
  readonly client: string;
  readonly hangUp: AbortSignal;
}

@Injectable()
export class ExecutionService {
  constructor(
    private readonly jobs: JobsService,
    private readonly repository: JobRepository,
    private readonly running: RunningJobs,
    private readonly dependencies: AttemptDependencies,
    private readonly settings: ExecutionSettings,
  ) {}

  /**
   * @param caller who asks; `hangUp` aborts when the client is gone, which stops the execution
   * @throws ProblemException of the catalogue; the job is then FAILED, or in the state in which it was
   */
  async execute(jobId: string, request: ExecuteRequest, caller: Caller): Promise<Job> {
    const { input, timeoutMs } = this.checked(request);
    const found = await this.jobs.get(jobId);
    if (isActive(found.status)) throw alreadyRunning(found);
    if (this.dependencies.draining) throw shuttingDown();
    return this.running.track(jobId, async (stop) => {
      const { before, job } = await this.begin(found, timeoutMs);
      return new Attempt(this.dependencies, before, job, { input, client: caller.client }, stop).run(
        caller.hangUp,
      );
    });
  }

  private async begin(before: Job, timeoutMs: number): Promise<{ before: Job; job: Job }> {
    const begun = { ...before, ...runningState(before, timeoutMs, new Date().toISOString()) };
    const transition = await this.change(before, begun);
    switch (transition.kind) {
      case 'changed':
        return { before, job: transition.job };
      case 'conflict':
        if (isActive(transition.current.status) || transition.current.attempt !== before.attempt)
          throw alreadyRunning(transition.current);
        // It was cancelled meanwhile, or an execution that was refused, or never began, has left another fence.
        return this.begin(transition.current, timeoutMs);
      case 'missing':
        throw jobNotFound();
    }
  }

  private async change(before: Job, begun: Job): Promise<Transition> {
    const { jobId, status, attempt, fence } = before;
    const from = { statuses: [status], attempt, fence };
    try {
      return await this.repository.transition(jobId, from, stateOf(begun));
    } catch (error) {
      if (error instanceof StorageUnavailableError && error.mayHaveHappened)
        this.dependencies.owed.neverBegin(before, begun);
      throw error;
    }
  }

  private checked(request: ExecuteRequest): { input: string; timeoutMs: number } {
    const { inputBytesMax, timeoutMsMax } = this.settings;
    const { input = '', timeout = Math.min(TIMEOUT_MS_DEFAULT, timeoutMsMax) } = request;
    if (Buffer.byteLength(input) > inputBytesMax) {
      throw new ProblemException(
        'payload-too-large',
        `The input is larger than ${inputBytesMax.toString()} bytes.`,
      );
    }
    if (timeout > timeoutMsMax)
      throw invalidField('timeout', `must not be greater than ${timeoutMsMax.toString()}`);
    return { input, timeoutMs: timeout };
  }
}

/** Of two executions that race, the other one may even have ended by the time that this one lost. */
const alreadyRunning = ({ status }: Job): ProblemException =>
  new ProblemException('job-already-running', `The job is ${status}; another execution was faster.`, {
    currentStatus: status,
  });
