/** The one catalogue of problems: code, status, public title, and what a client can do about it. */

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly explanation: string;
}

export const PROBLEMS = {
  'validation-failed': {
    status: 400,
    title: 'The request is not valid',
    explanation:
      'A field is missing, unknown, of the wrong type or out of range. `errors` names every field at fault; correct them and send the request again.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    explanation: 'The body could not be read as JSON in UTF-8. Send one JSON object.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be served as it is',
    explanation:
      'The bytes received were not a complete, well-formed HTTP request, its URL is not UTF-8 in percent-encoding, or its Host is not this server.',
  },
  'unsupported-language': {
    status: 400,
    title: 'The language is not supported',
    explanation:
      'The language is not known, or known but not installed here. `detail` lists those that are; GET /api/languages tells more.',
  },
  'job-not-found': {
    status: 404,
    title: 'There is no such job',
    explanation: 'No job has this id. It may have been mistyped, or the job may have expired.',
  },
  'logs-not-found': {
    status: 404,
    title: 'There are no such logs',
    explanation:
      'Logs are there once an execution has ended. Wait for a final status, or ask for an attempt that ended.',
  },
  'route-not-found': {
    status: 404,
    title: 'There is nothing at this address',
    explanation: 'No endpoint has this path. GET /docs shows those that exist.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    explanation: 'The path exists, but not with this method. The Allow header lists those that it has.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    explanation: 'The connection was closed because the rest of the request did not come. Send it again.',
  },
  'job-already-running': {
    status: 409,
    title: 'The job is being executed',
    explanation: 'An execution of this job is queued or running. Wait for it to end, or cancel it.',
  },
  'job-already-finished': {
    status: 409,
    title: 'The job has already ended',
    explanation: 'The execution ended before it could be cancelled. `current_status` says how.',
  },
  'idempotency-answer-lost': {
    status: 409,
    title: 'The first answer is not there any more',
    explanation:
      'The request was begun before with this Idempotency-Key, its process died before it could answer, and the job has been executed again since. Look at the job, and take a new key to execute it.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The payload is too large',
    explanation: 'The code, the input or the whole body is over its limit. `detail` tells the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    explanation: 'Send the body as `Content-Type: application/json`, without a content encoding.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    explanation:
      'This Idempotency-Key was sent before with another path or body. Take a new key for each new request, and the same one only to repeat it.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    explanation: 'The request line and the headers are over the limit of the server.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong here',
    explanation:
      'A fault of the service. It has been logged under `request_id`; quote it when you report the fault.',
  },
  'engine-error': {
    status: 502,
    title: 'The engine failed',
    explanation:
      'The execution engine answered nonsense or failed. The job is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
  'engine-unavailable': {
    status: 502,
    title: 'The engine cannot be reached',
    explanation:
      'The execution engine could not be reached. A job that was being executed is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
  'engine-busy': {
    status: 503,
    title: 'The engine is busy',
    explanation:
      'Every slot and every waiting place is taken. The job is in the state in which it was; try again after the seconds in Retry-After.',
  },
  'sandbox-unavailable': {
    status: 503,
    title: 'The engine has no sandbox',
    explanation:
      'The embedded engine found no working sandbox and may not run without one. `detail` names the command that installs it. The job is in the state in which it was.',
  },
  'storage-unavailable': {
    status: 503,
    title: 'The storage cannot be reached',
    explanation:
      'The storage could not be reached or refused to work. Nothing half-done is left behind; try again later.',
  },
  'shutting-down': {
    status: 503,
    title: 'The service is shutting down',
    explanation:
      'This instance takes no new executions because it is being stopped. Try again after the seconds in Retry-After.',
  },
  'engine-timeout': {
    status: 504,
    title: 'The engine did not answer in time',
    explanation:
      'The engine gave no result in the time allowed for an execution as a whole. The job is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);
