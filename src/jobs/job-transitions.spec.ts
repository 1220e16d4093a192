import {
  finishedState,
  pendingState,
  restoredState,
  cancelledState,
  runningState,
  stateOf,
} from './job-transitions';
import type { Job, Outcome } from './job';

const [T0, T1, T2, T3] = ['00', '01', '02', '03'].map((s) => `2026-01-31T12:00:${s}.000Z`) as [
  ...[string, string, string, string],
];
const UPLOAD = {
  jobId: '01935d2e-7c1a-7000-8000-000000000000',
  language: 'python',
  s3Key: 'uploads/x.py',
  project: null,
  functionName: null,
  description: null,
  codeBytes: 1,
  createdAt: T0,
};
const OUTCOME = { exitCode: 0, stdout: 'x' } as unknown as Outcome;
const PARAMS = { timeoutMs: 5000, callbackUrl: null, executionId: 'e1' };
const LEASE = { worker: 'http://127.0.0.1:8000', dueAt: T3 };
const pending: Job = { ...UPLOAD, ...pendingState(T0) };
const running: Job = { ...UPLOAD, ...runningState(pending, PARAMS, LEASE, T1) };

describe('The state machine of a job', () => {
  it('starts as PENDING in attempt 0', () => {
    expect(pendingState(T0)).toEqual({
      status: 'PENDING',
      verdict: null,
      attempt: 0,
      timeoutMs: null,
      updatedAt: T0,
      startedAt: null,
      completedAt: null,
      outcome: null,
      logsAttempt: null,
      errorMessage: null,
      fence: null,
      executionId: null,
      dispatch: null,
      dueAt: null,
      cancelRequested: false,
    });
  });

  it('starts a synchronous execution as RUNNING in the next attempt', () => {
    expect(running).toMatchObject({ status: 'RUNNING', attempt: 1, timeoutMs: 5000 });
    expect(running).toMatchObject({ updatedAt: T1, startedAt: T1, completedAt: null });
  });

  it('finishes with the status of the verdict, the outcome and the logs', () => {
    const completion = { verdict: 'TIME_LIMIT', outcome: OUTCOME, hasLogs: true, errorMessage: 'm' } as const;
    expect(finishedState(running, completion, T2)).toMatchObject({
      status: 'TIMEOUT',
      verdict: 'TIME_LIMIT',
      attempt: 1,
      timeoutMs: 5000,
      startedAt: T1,
      updatedAt: T2,
      completedAt: T2,
      outcome: OUTCOME,
      logsAttempt: 1,
      errorMessage: 'm',
    });
  });

  it('keeps only the logs of the previous attempt when a job is executed again', () => {
    const completion = { verdict: 'OK', outcome: OUTCOME, hasLogs: true, errorMessage: 'm' } as const;
    const finished = { ...UPLOAD, ...finishedState(running, completion, T2) };
    expect(runningState(finished, { ...PARAMS, timeoutMs: 700, executionId: 'e2' }, LEASE, T3)).toEqual({
      status: 'RUNNING',
      verdict: null,
      attempt: 2,
      timeoutMs: 700,
      updatedAt: T3,
      startedAt: T3,
      completedAt: null,
      outcome: null,
      logsAttempt: 1,
      errorMessage: null,
      fence: expect.any(String) as string,
      executionId: 'e2',
      dispatch: { requestKey: null, tries: 1, queuedAt: null, worker: LEASE.worker, callbackUrl: null },
      dueAt: T3,
      cancelRequested: false,
    });
  });

  it('keeps the logs of the previous attempt if the new one has none', () => {
    const second = { ...running, attempt: 2, logsAttempt: 1 };
    const completion = { verdict: 'ENGINE_ERROR', outcome: null, hasLogs: false, errorMessage: 'm' } as const;
    expect(finishedState(second, completion, T2)).toMatchObject({
      status: 'FAILED',
      attempt: 2,
      logsAttempt: 1,
    });
  });

  it('cancels a job before its first execution without counting an attempt', () => {
    expect(stateOf({ ...UPLOAD, ...cancelledState(pending, T1) })).toEqual({
      ...pendingState(T0),
      status: 'CANCELLED',
      verdict: 'CANCELLED',
      updatedAt: T1,
      completedAt: T1,
    });
  });

  it('gives each execution its own fencing token, which the final state keeps', () => {
    expect(runningState(pending, PARAMS, LEASE, T1).fence).not.toBe(running.fence);
    const completion = { verdict: 'OK', outcome: OUTCOME, hasLogs: true, errorMessage: null } as const;
    expect(finishedState(running, completion, T2).fence).toBe(running.fence);
  });

  it('restores the previous state after a rejected execution, but keeps the new fencing token', () => {
    expect(restoredState(pending, running)).toEqual({ ...pendingState(T0), fence: running.fence });
  });

  it('extracts the complete state without the upload', () => {
    expect(stateOf(pending)).toEqual(pendingState(T0));
    expect(stateOf(running)).toEqual({ ...runningState(pending, PARAMS, LEASE, T1), fence: running.fence });
  });
});
