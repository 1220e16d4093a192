/** Takes executions from the queue and runs them, as many at a time as the settings say. */
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { QueueSettings } from '../../config/settings';
import { type Delivery, ExecutionQueue, type QueueMessage } from '../../jobs/execution.queue';
import type { Job } from '../../jobs/job';
import { JobWatcher } from '../../jobs/job-watcher';
import { startedState, stateOf } from '../../jobs/job-transitions';
import { JobRepository } from '../../jobs/job.repository';
import { Attempt } from '../attempts/attempt';
import { AttemptDependencies } from '../attempts/attempt-dependencies';
import { leaseEnd } from '../attempts/lease-renewal';
import { PeerAddress } from '../peers/peer-address';
import { ActiveExecutions } from '../attempts/active-executions';
import { QueuedRequestStore } from './queued-request.store';

/** Deliveries of one call (ExecutionQueue.receive). */
const RECEIVE_MAX = 10;
/** ms of pause while the queue or the storage does not work. */
const PAUSE_MS_FIRST = 200;
const PAUSE_MS_MAX = 10_000;
/** ms after which a message comes again that could not be looked at. */
const GIVE_BACK_MS = 5000;

@Injectable()
export class QueueWorker implements OnApplicationBootstrap {
  private readonly logger = new Logger(QueueWorker.name);
  private readonly stopping = new AbortController();
  private readonly busy = new Set<Promise<void>>();
  private receiving: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: ExecutionQueue,
    private readonly jobs: JobRepository,
    private readonly changes: JobWatcher,
    private readonly running: ActiveExecutions,
    private readonly requests: QueuedRequestStore,
    private readonly peer: PeerAddress,
    private readonly dependencies: AttemptDependencies,
    private readonly settings: QueueSettings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.isWorker) this.receiving = this.receiveAll();
  }

  /** Takes nothing more from the queue; what it has taken goes on, and is waited for. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.receiving;
    await Promise.all(this.busy);
  }

  private async receiveAll(): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = PAUSE_MS_FIRST;
    while (!signal.aborted) {
      const free = this.settings.concurrency - this.busy.size;
      if (free <= 0) {
        await Promise.race(this.busy);
        continue;
      }
      try {
        const deliveries = await this.queue.receive(Math.min(free, RECEIVE_MAX), signal);
        for (const delivery of deliveries) this.take(delivery);
        pauseMs = PAUSE_MS_FIRST;
      } catch (error) {
        this.logger.warn({ err: error }, 'nothing can be received from the queue now');
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
      }
    }
  }

  private take(delivery: Delivery): void {
    const work = this.execute(delivery).finally(() => this.busy.delete(work));
    this.busy.add(work);
  }

  /** Whatever fails, the job is QUEUED, or has a lease: it is found due. */
  private async execute(delivery: Delivery): Promise<void> {
    const { jobId } = delivery.message;
    try {
      const queued = await this.find(delivery.message);
      if (this.stopping.signal.aborted) {
        await delivery.giveBack(0);
        return;
      }
      if (!queued) {
        await delivery.accept();
        return;
      }
      await this.running.track(jobId, (stop) => this.run(queued, delivery, stop));
    } catch (error) {
      this.logger.warn({ err: error, job_id: jobId }, 'an execution of the queue failed');
      // Of one that has begun the message means nothing any more.
      if (error instanceof StorageUnavailableError)
        await delivery.giveBack(GIVE_BACK_MS).catch(() => undefined);
    }
  }

  /** Undefined when the message means nothing (any more). */
  private async find({ jobId, fence }: QueueMessage): Promise<Job | undefined> {
    const job = await this.jobs.find(jobId);
    return job?.status === 'QUEUED' && job.fence === fence ? job : undefined;
  }

  private async run(queued: Job, delivery: Delivery, stop: AbortController): Promise<Job> {
    const { jobId, attempt, fence, dispatch } = queued;
    if (!dispatch) throw new Error(`${jobId} is queued without saying for what`);
    const lease = { worker: this.peer.url(), dueAt: leaseEnd(this.settings.leaseMs) };
    const begun = { ...queued, ...startedState(queued, dispatch, lease, new Date().toISOString()) };
    const transition = await this.begin(queued, begun, { statuses: ['QUEUED'], attempt, fence });
    // Also when another one was faster, or it was cancelled.
    await this.accept(delivery);
    if (transition.kind !== 'changed') return transition.kind === 'conflict' ? transition.current : queued;
    const asked = () => this.requests.get(dispatch.requestKey ?? '');
    return new Attempt(this.dependencies, { job: transition.job, before: undefined, asked, stop }).run();
  }

  private async begin(queued: Job, begun: Job, from: Parameters<JobWatcher['transition']>[1]) {
    try {
      return await this.changes.transition(queued.jobId, from, stateOf(begun));
    } catch (error) {
      if (error instanceof StorageUnavailableError && error.isWriteUncertain)
        this.dependencies.owed.revertUncertainStart(queued, begun);
      throw error;
    }
  }

  /** One that comes again is found to mean nothing. */
  private async accept(delivery: Delivery): Promise<void> {
    try {
      await delivery.accept();
    } catch (error) {
      this.logger.warn({ err: error }, 'a message of the queue could not be taken out');
    }
  }
}
