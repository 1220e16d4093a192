/** Begins executions for clients: of those that wait for the result, and of those that do not. */
import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import { shuttingDownProblem } from '../common/problems/shutting-down.problem';
import { StorageUnavailableError } from '../common/problems/storage-unavailable.error';
import { QueueSettings } from '../config/settings';
import { ExecutionQueue } from '../jobs/execution.queue';
import { type Job, type JobState, isActive, isFinal } from '../jobs/job';
import { JobWatcher } from '../jobs/job-watcher';
import { queuedState, runningState, stateOf } from '../jobs/job-transitions';
import type { TransitionResult } from '../jobs/job.repository';
import { JobsService, jobNotFound } from '../jobs/jobs.service';
import { Attempt } from './attempts/attempt';
import { AttemptDependencies } from './attempts/attempt-dependencies';
import { WebhookHandover } from './webhooks/webhook-handover';
import { JobReconciler, resendDueAt } from './recovery/job-reconciler';
import type { ExecuteRequest } from './dto/execute.request.dto';
import { leaseEnd } from './attempts/lease-renewal';
import { PeerAddress } from './peers/peer-address';
import { ExecutionRequestValidator } from './execution-request.validator';
import { ActiveExecutions } from './attempts/active-executions';
import { QueuedRequestStore } from './queue/queued-request.store';

/** What a request that may be repeated has decided before it did anything. */
export interface ExecutionPlan {
  readonly executionId: string;
  /** The execution of the job that there was then; null when there was none. */
  readonly basis: string | null;
  /** Whether this request may have been made before. */
  readonly isRepeated: boolean;
}

export interface Caller {
  /** The address. */
  readonly client: string;
  /** Aborts when the client is gone, which stops an execution that it waits for; undefined: nothing does. */
  readonly disconnect?: AbortSignal | undefined;
  readonly plan?: ExecutionPlan | undefined;
}

@Injectable()
export class ExecutionService {
  private readonly logger = new Logger(ExecutionService.name);

  constructor(
    private readonly jobs: JobsService,
    private readonly changes: JobWatcher,
    private readonly running: ActiveExecutions,
    private readonly requests: QueuedRequestStore,
    private readonly queue: ExecutionQueue,
    private readonly peer: PeerAddress,
    private readonly handover: WebhookHandover,
    private readonly due: JobReconciler,
    private readonly dependencies: AttemptDependencies,
    private readonly checks: ExecutionRequestValidator,
    private readonly settings: QueueSettings,
  ) {}

  /**
   * Executes, and waits for the end.
   * @throws ProblemException of the catalogue; the job is then FAILED, or in the state in which it was
   */
  async execute(jobId: string, request: ExecuteRequest, caller: Caller): Promise<Job> {
    const { timeoutMs, callbackUrl, ...inputs } = this.checks.validate(request);
    const found = await this.current(jobId);
    if (isSame(found, caller.plan)) {
      return (await this.ended(found, caller)) ?? this.execute(jobId, request, caller);
    }
    this.admit(found, caller.plan);
    const asked = { timeoutMs, callbackUrl, executionId: caller.plan?.executionId ?? randomUUID() };
    return this.running.track(jobId, async (stop) => {
      const { before, job } = await this.begin(found, (current) => {
        const lease = { worker: this.peer.url(), dueAt: leaseEnd(this.settings.leaseMs) };
        return runningState(current, asked, lease, new Date().toISOString());
      });
      const { client } = caller;
      const attempt = new Attempt(this.dependencies, {
        job,
        before,
        asked: () => Promise.resolve({ ...inputs, client }),
        stop,
      });
      return attempt.run(caller.disconnect);
    });
  }

  /**
   * Accepts an execution that nobody waits for: from here on it is not lost.
   * @returns the job, QUEUED
   */
  async enqueue(jobId: string, request: ExecuteRequest, caller: Caller): Promise<Job> {
    const { timeoutMs, callbackUrl, ...inputs } = this.checks.validate(request);
    const found = await this.current(jobId);
    if (isSame(found, caller.plan)) return found;
    this.admit(found, caller.plan);
    const executionId = caller.plan?.executionId ?? randomUUID();
    const requestKey = await this.requests.put({ ...inputs, client: caller.client });
    const asked = { timeoutMs, callbackUrl, executionId, requestKey };
    try {
      const { job } = await this.begin(found, (current) => {
        const now = new Date();
        const dueAt = resendDueAt(now.toISOString(), now.getTime());
        return queuedState(current, asked, dueAt, now.toISOString());
      });
      await this.send(job);
      return job;
    } catch (error) {
      // One that may be QUEUED after all must find its request.
      if (!(error instanceof StorageUnavailableError)) void this.requests.delete(requestKey);
      throw error;
    }
  }

  /** The job is QUEUED already: a message that is not sent now is sent by whoever finds that it is due. */
  private async send(job: Job): Promise<void> {
    const { jobId, fence } = job;
    try {
      await this.queue.send({ jobId, fence: fence ?? '' });
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'the queue takes no message now; it is sent later');
      // What cannot be written now either is due in half a minute.
      await this.due.sendLater(job).catch(() => undefined);
    }
  }

  private async current(jobId: string): Promise<Job> {
    return this.free(await this.jobs.get(jobId));
  }

  /** What a client is still owed of the execution before is taken out of the way of the next one. */
  private async free(job: Job): Promise<Job> {
    if (!isFinal(job.status) || job.dueAt === null) return job;
    await this.handover.handOver(job);
    return this.jobs.get(job.jobId);
  }

  private admit(found: Job, plan: ExecutionPlan | undefined): void {
    if (plan?.isRepeated && found.executionId !== plan.basis) {
      throw new ProblemException(
        'idempotency-answer-lost',
        'The job has been executed again since this request was made first.',
        { currentStatus: found.status },
      );
    }
    if (isActive(found.status)) throw alreadyRunning(found);
    if (this.dependencies.draining) throw shuttingDownProblem();
  }

  /** The end of an execution that was begun before; undefined when it was taken back. */
  private async ended(
    found: Job,
    { plan, disconnect = new AbortController().signal }: Caller,
  ): Promise<Job | undefined> {
    let job: Job | undefined = found;
    while (job && isActive(job.status) && !disconnect.aborted) {
      job = await this.changes.next(job, disconnect);
      if (job && !isSame(job, plan)) return undefined;
    }
    if (!job) throw jobNotFound();
    return job;
  }

  private async begin(before: Job, begun: (current: Job) => JobState): Promise<{ before: Job; job: Job }> {
    if (isActive(before.status)) throw alreadyRunning(before);
    const transition = await this.change(before, { ...before, ...begun(before) });
    switch (transition.kind) {
      case 'changed':
        return { before, job: transition.job };
      case 'conflict':
        if (isActive(transition.current.status) || transition.current.attempt !== before.attempt)
          throw alreadyRunning(transition.current);
        // It was cancelled meanwhile, or an execution that was refused, or never began, has left another fence.
        return this.begin(await this.free(transition.current), begun);
      case 'missing':
        throw jobNotFound();
    }
  }

  private async change(before: Job, begun: Job): Promise<TransitionResult> {
    const { jobId, status, attempt, fence } = before;
    const from = { statuses: [status], attempt, fence };
    try {
      return await this.changes.transition(jobId, from, stateOf(begun));
    } catch (error) {
      if (error instanceof StorageUnavailableError && error.isWriteUncertain)
        this.dependencies.owed.revertUncertainStart(before, begun);
      throw error;
    }
  }
}

const isSame = (job: Job, plan: ExecutionPlan | undefined): boolean =>
  plan !== undefined && job.executionId === plan.executionId;

/** Of two executions that race, the other one may even have ended by the time that this one lost. */
const alreadyRunning = ({ status }: Job): ProblemException =>
  new ProblemException('job-already-running', `The job is ${status}; another execution was faster.`, {
    currentStatus: status,
  });
