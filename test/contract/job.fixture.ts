import { v7 as uuidv7 } from 'uuid';
import type { CompileReport, Resource } from '../../src/engine-contract/report';
import type { Job, JobState, Outcome } from '../../src/jobs/job';
import { pendingState, runningState, stateOf } from '../../src/jobs/job-transitions';

const LEASE = { worker: 'http://127.0.0.1:8000', dueAt: '2026-01-31T12:00:15.000Z' };
const NOW = '2026-01-31T12:00:00.000Z';

export function newJob(changes: Partial<Job> = {}): Job {
  const jobId = changes.jobId ?? uuidv7();
  return {
    jobId,
    language: 'python',
    s3Key: `uploads/${jobId}.py`,
    project: null,
    functionName: null,
    description: null,
    codeBytes: 14,
    createdAt: NOW,
    ...pendingState(NOW),
    ...changes,
  };
}

export const running = (job: Job): JobState =>
  runningState(job, { timeoutMs: 5000, callbackUrl: null, executionId: 'e1' }, LEASE, NOW);

const RESOURCE: Resource = {
  executionTimeMs: 12.4,
  cpuTimeMs: 9.81,
  cpuPercent: 79.1,
  memoryMb: 9.1,
  accounting: 'cgroup-v2',
};

const COMPILE: CompileReport = {
  exitCode: 0,
  signal: null,
  stdout: '',
  stderr: 'warning: “unused”\n',
  stdoutBytes: 0,
  stderrBytes: 22,
  stdoutTruncated: false,
  stderrTruncated: false,
  resource: { ...RESOURCE, executionTimeMs: 301.7 },
};

/** Every field has a distinct value, and the output contains characters that encodings often break. */
export const OUTCOME: Outcome = {
  exitCode: 3,
  signal: 'SIGKILL',
  stdout: 'a\0b\r\n\u2028é😀\ufffd\u001b[0m',
  stderr: '"quoted" \\ \'single\'',
  stdoutBytes: 70_000,
  stderrBytes: 19,
  stdoutTruncated: true,
  stderrTruncated: false,
  compile: COMPILE,
  resource: RESOURCE,
  timings: { queuedMs: 0.21, fetchMs: 0.6, compileMs: 301.7, runMs: 12.4, totalMs: 320.05 },
};

/** A job with a value in every field. */
export function finishedJob(changes: Partial<Job> = {}): Job {
  return newJob({
    project: 'Zürich 😀',
    functionName: "main'); DROP TABLE jobs;--",
    description: 'Zwei\nZeilen',
    codeBytes: 1_048_576,
    status: 'FAILED',
    verdict: 'SIGNALLED',
    attempt: 7,
    timeoutMs: 4321,
    updatedAt: '2026-01-31T12:00:03.003Z',
    startedAt: '2026-01-31T12:00:01.001Z',
    completedAt: '2026-01-31T12:00:02.002Z',
    outcome: OUTCOME,
    logsAttempt: 6,
    errorMessage: 'A sentence for people.',
    fence: '7d0e4f0a-3c1b-4f6e-9a52-0d9c8b7a6e51',
    executionId: '0b9a4b1e-6d0c-4c29-8f0e-1f6f4a2f7c55',
    dispatch: {
      requestKey: 'requests/a/b.json',
      tries: 2,
      queuedAt: '2026-01-31T12:00:00.500Z',
      worker: 'http://10.0.0.7:8000',
      callbackUrl: 'https://example.com/done?é=1',
    },
    dueAt: '2026-01-31T12:00:04.004Z',
    cancelRequested: true,
    ...changes,
  });
}

export const finishedState = (): JobState => stateOf(finishedJob());
