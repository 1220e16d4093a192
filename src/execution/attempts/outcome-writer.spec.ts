/** What is owed to a storage that answers late: written in the end, whatever order things happen in. */
import { Logger } from '@nestjs/common';
import { finishedState, pendingState, retiredState, runningState } from '../../jobs/job-transitions';
import type { Job, JobState } from '../../jobs/job';
import { type TransitionGuard, JobRepository, type TransitionResult } from '../../jobs/job.repository';
import { JobWatcher } from '../../jobs/job-watcher';
import { OutcomeWriter } from './outcome-writer';

const NOW = '2026-01-31T12:00:00.000Z';
const ASKED = { timeoutMs: 5000, callbackUrl: null, executionId: 'e1' };
const LEASE = { worker: null, dueAt: NOW };
const PENDING: Job = {
  ...{ jobId: '01935d2e-7c1a-7000-8000-000000000000', language: 'bash', s3Key: 'uploads/x.sh' },
  ...{ project: null, functionName: null, description: null, codeBytes: 1, createdAt: NOW },
  ...pendingState(NOW),
};
const RUNNING: Job = { ...PENDING, ...runningState(PENDING, ASKED, LEASE, NOW) };
const ENDING = { verdict: 'OK', outcome: null, hasLogs: true, errorMessage: null } as const;

/** One job in memory; `before` each transition something may happen to it, or fail. */
class OneJob extends JobRepository {
  calls = 0;

  constructor(
    public job: Job,
    private readonly before: (call: number, repository: OneJob) => void = () => undefined,
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

const fails = (): never => {
  throw new Error('the storage is away');
};

describe('An execution whose beginning got no answer', () => {
  // A stop tries at once what would be tried later.
  const settle = async (jobs: OneJob): Promise<void> => {
    const owed = new OutcomeWriter(new JobWatcher(jobs));
    owed.revertUncertainStart(PENDING, RUNNING);
    await owed.stop();
  };

  it('is taken back when it has begun', async () => {
    const jobs = new OneJob(RUNNING);
    await settle(jobs);
    expect(jobs.job).toEqual({ ...PENDING, fence: RUNNING.fence });
  });

  it('is kept out when it has not begun yet', async () => {
    const jobs = new OneJob(PENDING);
    await settle(jobs);
    const late = { statuses: ['PENDING'], attempt: 0, fence: PENDING.fence } as const;
    expect(await jobs.transition(PENDING.jobId, late, RUNNING)).toMatchObject({ kind: 'conflict' });
    expect(jobs.job).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('is taken back when it begins between the look and the fence', async () => {
    const jobs = new OneJob(PENDING, (call, repository) => {
      if (call === 2) repository.job = RUNNING;
    });
    await settle(jobs);
    expect(jobs.job).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('leaves alone what a client cancelled instead', async () => {
    const cancelled = { ...PENDING, ...retiredState(PENDING, NOW) };
    const jobs = new OneJob(cancelled);
    await settle(jobs);
    expect(jobs.job).toEqual(cancelled);
    const late = { statuses: [PENDING.status], attempt: 0, fence: PENDING.fence } as const;
    expect(await jobs.transition(PENDING.jobId, late, RUNNING)).toMatchObject({ kind: 'conflict' });
  });

  it('leaves alone what another gateway began instead', async () => {
    const others = { ...RUNNING, fence: 'of the other' };
    const jobs = new OneJob(others);
    await settle(jobs);
    expect(jobs.job).toEqual(others);
  });
});

describe('The end of an execution', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const ended = finishedState(RUNNING, ENDING, NOW);
  const onSettled = jest.fn();
  beforeEach(() => onSettled.mockClear());

  it('that was stored although its answer was lost is found stored', async () => {
    const jobs = new OneJob({ ...RUNNING, ...ended });
    const transition = await new OutcomeWriter(new JobWatcher(jobs)).write(RUNNING, ended, onSettled);
    expect(transition).toMatchObject({ kind: 'conflict', current: { status: 'SUCCESS' } });
  });

  it('that the storage does not take is stored by a service that stops, once it takes it', async () => {
    const jobs = new OneJob(RUNNING, (call) => {
      if (call <= 4) fails();
    });
    const owed = new OutcomeWriter(new JobWatcher(jobs));
    await expect(owed.write(RUNNING, ended, onSettled)).rejects.toThrow('away');
    expect(jobs.job.status).toBe('RUNNING');
    expect(onSettled).not.toHaveBeenCalled();
    await owed.stop();
    expect(jobs.job.status).toBe('SUCCESS');
    expect(onSettled).toHaveBeenCalledTimes(1);
    expect(jobs.calls).toBe(5);
  });

  it('that the storage never takes does not hold up a service that stops', async () => {
    const owed = new OutcomeWriter(new JobWatcher(new OneJob(RUNNING, fails)));
    await expect(owed.write(RUNNING, ended, onSettled)).rejects.toThrow('away');
    await owed.stop();
  });
});
