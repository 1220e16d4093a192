/** What the OpenAPI document says of a stream of events; the example is made by the code that makes the streams. */
import { PENDING_JOB } from '../../jobs/dto/job.examples';
import { JobResponse } from '../../jobs/dto/job.response.dto';
import type { Job } from '../../jobs/job';
import { finishedState, runningState } from '../../jobs/job-transitions';
import { startOfAttempt } from './event-cursor';
import { PREAMBLE } from './event-writer';
import { eventToText, outputEvent, resultEvent, statusEvent } from './stream-event';

export const EVENTS_DESCRIPTION = `Server-Sent Events, made for \`EventSource\`. Each has one line of JSON as its data.

- \`status\`: the job as it is now, and then each change that is not its last: \`{job_id, status, attempt, updated_at, queue_position}\`. Another \`attempt\` than before means that the output begins anew.
- \`stdout\`, \`stderr\`: output, as soon as it is captured: \`{attempt, seq, t_ms, data}\`, as the logs have it.
- \`result\`: the whole job, as \`GET /api/status/{job_id}\` gives it. It is the last event.

A stream that breaks off goes on where it was: a browser gives back the \`id\` of its last event by itself, other clients send it as \`Last-Event-ID\` or \`last_event_id\`. Nothing is missing then and nothing comes twice, on whichever gateway. After the result the answer is \`204\`, at which a browser comes no more. Of a job that has ended its output and its result come at once. Ids are opaque. Comments keep a silent connection alive.`;

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const BEGUN_AT = '2026-01-31T12:00:05.000Z';
const ENDED_AT = '2026-01-31T12:00:05.020Z';

const RUNNING: Job = {
  ...PENDING_JOB,
  ...runningState(
    PENDING_JOB,
    { timeoutMs: 5000, callbackUrl: null, executionId: ID },
    { worker: null, dueAt: BEGUN_AT },
    BEGUN_AT,
  ),
};
const SUCCESS: Job = {
  ...RUNNING,
  ...finishedState(
    RUNNING,
    {
      verdict: 'OK',
      hasLogs: true,
      errorMessage: null,
      outcome: {
        ...{ exitCode: 0, signal: null, compile: null },
        ...{ stdout: 'hello\n', stdoutBytes: 6, stdoutTruncated: false },
        ...{ stderr: '', stderrBytes: 0, stderrTruncated: false },
        resource: {
          executionTimeMs: 12.4,
          cpuTimeMs: 9.8,
          cpuPercent: 79,
          memoryMb: 9.1,
          accounting: 'cgroup-v2',
        },
        timings: {
          ...{ queuedMs: 0.2, fetchMs: 0.6, compileMs: null, compileCached: false, sandbox: 'warm' },
          ...{ runMs: 12.4, totalMs: 14 },
        },
      },
    },
    ENDED_AT,
  ),
};

export const EVENTS_EXAMPLE =
  PREAMBLE +
  [
    statusEvent(RUNNING, startOfAttempt(1), null),
    outputEvent(1, { seq: 0, tMs: 11.2, stream: 'stdout', data: 'hello\n' }),
    resultEvent(SUCCESS, JobResponse.from(SUCCESS, `http://localhost:8000/api/jobs/${ID}/logs`, null)),
  ]
    .map(eventToText)
    .join('');
