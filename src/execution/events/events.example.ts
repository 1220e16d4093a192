import { PENDING_JOB } from '../../jobs/dto/job.examples';
import { JobResponse } from '../../jobs/dto/job.response.dto';
import type { Job } from '../../jobs/job';
import { finishedState, runningState } from '../../jobs/job-transitions';
import { startOfAttempt } from './event-cursor';
import { PREAMBLE } from './event-writer';
import { eventToText, outputEvent, resultEvent, statusEvent } from './stream-event';

export const EVENTS_DESCRIPTION = `Sends Server-Sent Events, for example to an \`EventSource\` in a browser. The data of each event is one line of JSON.

- \`status\`: the current state of the job first, then each change except the last: \`{job_id, status, attempt, updated_at, queue_position}\`. When \`attempt\` changes, the output starts again from the beginning.
- \`stdout\`, \`stderr\`: a chunk of output as soon as it is captured: \`{attempt, seq, t_ms, data}\`, the same as in the logs.
- \`result\`: the whole job, as \`GET /api/status/{job_id}\` returns it. This is the last event.

A client that reconnects continues after the last event that it received. A browser sends the \`id\` of that event itself; other clients send it as \`Last-Event-ID\` or \`last_event_id\`. No event is lost or repeated, even if another gateway serves the new connection. A request with the id of the result returns \`204\`, after which a browser stops reconnecting. For a job that has ended, the output and the result are sent at once. Event ids are opaque. Comments keep the connection alive while there are no events.`;

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const STARTED_AT = '2026-01-31T12:00:05.000Z';
const ENDED_AT = '2026-01-31T12:00:05.020Z';

const RUNNING: Job = {
  ...PENDING_JOB,
  ...runningState(
    PENDING_JOB,
    { timeoutMs: 5000, callbackUrl: null, executionId: ID },
    { worker: null, dueAt: STARTED_AT },
    STARTED_AT,
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
        exitCode: 0,
        signal: null,
        compile: null,
        stdout: 'hello\n',
        stdoutBytes: 6,
        stdoutTruncated: false,
        stderr: '',
        stderrBytes: 0,
        stderrTruncated: false,
        resource: {
          executionTimeMs: 12.4,
          cpuTimeMs: 9.8,
          cpuPercent: 79,
          memoryMb: 9.1,
          accounting: 'cgroup-v2',
        },
        timings: {
          queuedMs: 0.2,
          fetchMs: 0.6,
          compileMs: null,
          compileCached: false,
          sandbox: 'warm',
          runMs: 12.4,
          totalMs: 14,
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
