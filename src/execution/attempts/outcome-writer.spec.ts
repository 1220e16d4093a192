import { Logger } from '@nestjs/common';
import { deferred } from '../../common/async/deferred';
import { finishedState, pendingState, cancelledState, runningState } from '../../jobs/job-transitions';
import type { Job, JobState } from '../../jobs/job';
import { type TransitionGuard, JobRepository, type TransitionResult } from '../../jobs/job.repository';
import { JobWatcher } from '../../jobs/job-watcher';
import { OutcomeWriter } from './outcome-writer';

const NOW = '2026-01-31T12:00:00.000Z';
const PARAMS = { timeoutMs: 5000, callbackUrl: null, executionId: 'e1' };
const LEASE = { worker: null, dueAt: NOW };
const PENDING: Job = {
  jobId: '01935d2e-7c1a-7000-8000-000000000000',
  language: 'bash',
  s3Key: 'uploads/x.sh',
  project: null,
  functionName: null,
  description: null,
  codeBytes: 1,
  createdAt: NOW,
  ...pendingState(NOW),
};
const RUNNING: Job = { ...PENDING, ...runningState(PENDING, PARAMS, LEASE, NOW) };
const COMPLETION = { verdict: 'OK', outcome: null, hasLogs: true, errorMessage: null } as const;

/** A repository of one job in memory. `before` runs before each transition: it may change the job or throw. */
class SingleJobRepository extends JobRepository {
  calls = 0;

  constructor(
    public job: Job,
    private readonly before: (call: number, repository: SingleJobRepository) => void = () => undefined,
  ) {
    super();
  }

  override async transition(_jobId: string, from: TransitionGuard, to: JobState): Promise<TransitionResult> {
    await Promise.resolve();
    this.calls += 1;
    this.before(this.calls, this);
    const matches =
      from.statuses.includes(this.job.status) &&
      from.attempt === this.job.attempt &&
      (from.fence === undefined || from.fence === this.job.fence);
    if (!matches) return { kind: 'conflict', current: this.job };
    this.job = { ...this.job, ...to };
    return { kind: 'changed', job: this.job };
  }

  override create = (): never => unused();
  override find = (): never => unused();
  override updateFields = (): never => unused();
  override findDue = (): never => unused();
  override list = (): never => unused();
  override ping = (): never => unused();
}

function unused(): never {
  throw new Error('not part of this test');
}

const fail = (): never => {
  throw new Error('storage unavailable');
};

describe('revertUncertainStart', () => {
  // A stop makes the pending attempt at once.
  const revert = async (jobs: SingleJobRepository): Promise<void> => {
    const outcomes = new OutcomeWriter(new JobWatcher(jobs));
    outcomes.revertUncertainStart(PENDING, RUNNING);
    await outcomes.stop();
  };

  it('reverts a start that was written', async () => {
    const jobs = new SingleJobRepository(RUNNING);
    await revert(jobs);
    expect(jobs.job).toEqual({ ...PENDING, fence: RUNNING.fence });
  });

  it('rejects a start that is written later', async () => {
    const jobs = new SingleJobRepository(PENDING);
    await revert(jobs);
    const late = { statuses: ['PENDING'], attempt: 0, fence: PENDING.fence } as const;
    expect(await jobs.transition(PENDING.jobId, late, RUNNING)).toMatchObject({ kind: 'conflict' });
    expect(jobs.job).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('reverts a start that is written between the two transitions', async () => {
    const jobs = new SingleJobRepository(PENDING, (call, repository) => {
      if (call === 2) repository.job = RUNNING;
    });
    await revert(jobs);
    expect(jobs.job).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('changes nothing when a client cancelled the job instead', async () => {
    const cancelled = { ...PENDING, ...cancelledState(PENDING, NOW) };
    const jobs = new SingleJobRepository(cancelled);
    await revert(jobs);
    expect(jobs.job).toEqual(cancelled);
    const late = { statuses: [PENDING.status], attempt: 0, fence: PENDING.fence } as const;
    expect(await jobs.transition(PENDING.jobId, late, RUNNING)).toMatchObject({ kind: 'conflict' });
  });

  it('changes nothing when another gateway started an execution instead', async () => {
    const otherExecution = { ...RUNNING, fence: 'other fence' };
    const jobs = new SingleJobRepository(otherExecution);
    await revert(jobs);
    expect(jobs.job).toEqual(otherExecution);
  });
});

describe('write', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const finished = finishedState(RUNNING, COMPLETION, NOW);
  const onSettled = jest.fn();
  beforeEach(() => onSettled.mockClear());

  it('returns the stored job when an earlier write was stored but not confirmed', async () => {
    const jobs = new SingleJobRepository({ ...RUNNING, ...finished });
    const transition = await new OutcomeWriter(new JobWatcher(jobs)).write(RUNNING, finished, onSettled);
    expect(transition).toMatchObject({ kind: 'conflict', current: { status: 'SUCCESS' } });
  });

  it('stores the outcome at shutdown when the storage was unavailable before', async () => {
    const jobs = new SingleJobRepository(RUNNING, (call) => {
      if (call <= 4) fail();
    });
    const outcomes = new OutcomeWriter(new JobWatcher(jobs));
    await expect(outcomes.write(RUNNING, finished, onSettled)).rejects.toThrow('unavailable');
    expect(jobs.job.status).toBe('RUNNING');
    expect(onSettled).not.toHaveBeenCalled();
    await outcomes.stop();
    expect(jobs.job.status).toBe('SUCCESS');
    expect(onSettled).toHaveBeenCalledTimes(1);
    expect(jobs.calls).toBe(5);
  });

  it('stores the outcome at shutdown although a write in progress fails', async () => {
    let stopped: Promise<void> = Promise.resolve();
    const inProgress = deferred();
    const jobs = new SingleJobRepository(RUNNING, (call) => {
      if (call === 5) {
        stopped = outcomes.stop();
        inProgress.resolve();
      }
      if (call <= 5) fail();
    });
    const outcomes = new OutcomeWriter(new JobWatcher(jobs));
    await expect(outcomes.write(RUNNING, finished, onSettled)).rejects.toThrow('unavailable');
    await inProgress.promise;
    await stopped;
    expect(jobs.job.status).toBe('SUCCESS');
    expect(onSettled).toHaveBeenCalledTimes(1);
    expect(jobs.calls).toBe(6);
  });

  it('does not delay a shutdown while the storage stays unavailable', async () => {
    const outcomes = new OutcomeWriter(new JobWatcher(new SingleJobRepository(RUNNING, fail)));
    await expect(outcomes.write(RUNNING, finished, onSettled)).rejects.toThrow('unavailable');
    await outcomes.stop();
  });
});
