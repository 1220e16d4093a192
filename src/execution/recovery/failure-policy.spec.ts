import { ProblemException } from '../../common/problems/problem.exception';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import type { Dispatch, Job } from '../../jobs/job';
import { pendingState } from '../../jobs/job-transitions';
import { WORKER_LOST, classifyFailure, stateAfterFailure } from './failure-policy';

const NOW = new Date('2026-01-31T12:00:00.000Z');
const QUEUED: Dispatch = {
  requestKey: 'requests/x.json',
  tries: 1,
  queuedAt: NOW.toISOString(),
  worker: 'http://127.0.0.1:8000',
  callbackUrl: null,
};

const running = (dispatch: Partial<Dispatch>, changes: Partial<Job> = {}): Job => ({
  jobId: '01935d2e-7c1a-7000-8000-000000000000',
  language: 'bash',
  s3Key: 'uploads/x.sh',
  project: null,
  functionName: null,
  description: null,
  codeBytes: 1,
  createdAt: NOW.toISOString(),
  ...pendingState(NOW.toISOString()),
  status: 'RUNNING',
  attempt: 4,
  timeoutMs: 5000,
  fence: 'f',
  executionId: 'e',
  dispatch: { ...QUEUED, ...dispatch },
  ...changes,
});

const engineProblem = (
  code: 'engine-unavailable' | 'engine-busy',
  cause?: object,
  headers?: Record<string, string>,
) => new ProblemException(code, 'A sentence.', { cause, ...(headers && { headers }) });

describe('stateAfterFailure', () => {
  it('queues an asynchronous execution again with a new fence while attempts are left', () => {
    const state = stateAfterFailure(running({ tries: 2 }), WORKER_LOST, 3, NOW);
    expect(state).toMatchObject({ status: 'QUEUED', attempt: 4, executionId: 'e', dueAt: NOW.toISOString() });
    expect(state.fence).not.toBe('f');
    expect(state.dispatch).toMatchObject({ tries: 2, worker: null, requestKey: 'requests/x.json' });
  });

  it('fails the job with the reason and the number of attempts when no attempts are left', () => {
    const state = stateAfterFailure(running({ tries: 3 }), WORKER_LOST, 3, NOW);
    expect(state).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', dispatch: null, dueAt: null });
    expect(state.errorMessage).toBe(
      'The process that ran this execution stopped responding. It was attempted 3 times. It is safe to execute the job again.',
    );
  });

  it('fails a synchronous execution at once, because only its client can repeat it', () => {
    const state = stateAfterFailure(running({ requestKey: null }), WORKER_LOST, 3, NOW);
    expect(state).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
  });

  it('cancels the job when a client requested it, even while attempts are left', () => {
    const state = stateAfterFailure(running({}, { cancelRequested: true }), WORKER_LOST, 3, NOW);
    expect(state).toMatchObject({ status: 'CANCELLED', verdict: 'CANCELLED', cancelRequested: false });
  });

  it('delays each attempt longer than the one before, and does not count an attempt that does not count', () => {
    const failure = { message: 'A sentence.', counts: true };
    const delays = [1, 2, 3, 4].map((tries) => {
      const { dueAt } = stateAfterFailure(running({ tries }), failure, 10, NOW);
      return Date.parse(dueAt ?? '') - NOW.getTime();
    });
    expect(delays).toEqual([2000, 8000, 32_000, 60_000]);
    const state = stateAfterFailure(running({ tries: 3 }), { ...failure, counts: false }, 3, NOW);
    expect(state).toMatchObject({ status: 'QUEUED', dispatch: { tries: 2 } });
  });
});

describe('classifyFailure', () => {
  const minutesAgo = (minutes: number): Job =>
    running({ queuedAt: new Date(Date.now() - minutes * 60_000).toISOString() });

  it('counts an unavailable engine or storage only for a job that has been queued for 15 minutes', () => {
    const refused = engineProblem('engine-unavailable', { code: 'ECONNREFUSED' });
    for (const error of [refused, new StorageUnavailableError(new Error('unavailable'))]) {
      expect([14, 16].map((minutes) => classifyFailure(error, minutesAgo(minutes)).counts)).toEqual([
        false,
        true,
      ]);
    }
  });

  it('counts a failure after which the program may have run', () => {
    expect(
      classifyFailure(engineProblem('engine-unavailable', { code: 'ECONNRESET' }), minutesAgo(0)).counts,
    ).toBe(true);
    expect(classifyFailure(new Error('a defect'), minutesAgo(0))).toEqual({
      message: 'The service failed with an internal error.',
      counts: true,
    });
  });

  it('never counts a busy engine, and delays the next attempt by its Retry-After', () => {
    expect(
      classifyFailure(engineProblem('engine-busy', undefined, { 'retry-after': '7' }), minutesAgo(60)),
    ).toMatchObject({
      counts: false,
      delayMs: 7000,
    });
    expect(classifyFailure(engineProblem('engine-busy'), minutesAgo(60))).toMatchObject({
      counts: false,
      delayMs: 1000,
    });
  });
});
