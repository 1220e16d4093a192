interface Problem {
  /** The HTTP status. */
  readonly status: number;
  /** The same public sentence for every occurrence. */
  readonly title: string;
  /** What a client can do about it. */
  readonly explanation: string;
}

/** Every problem that the API returns, by its stable code. */
export const PROBLEMS = {
  'validation-failed': {
    status: 400,
    title: 'The request is not valid',
    explanation:
      'A field is missing, unknown, of the wrong type or out of range. `errors` lists every invalid field. Correct these fields and send the request again.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not valid JSON',
    explanation: 'The body is empty or is not JSON in UTF-8. Send one JSON object.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request is malformed',
    explanation:
      'The server received bytes that are not a complete HTTP request, a URL whose percent-encoding is not UTF-8, or a Host header that this server does not accept.',
  },
  'unsupported-language': {
    status: 400,
    title: 'The language is not supported',
    explanation:
      'The language is unknown or not installed on this server. `detail` lists the available languages; GET /api/languages describes them.',
  },
  'job-not-found': {
    status: 404,
    title: 'The job does not exist',
    explanation: 'No job has this id. Check the id; the job may also have expired.',
  },
  'logs-not-found': {
    status: 404,
    title: 'The logs do not exist',
    explanation:
      'Logs are stored when an attempt has finished. Wait until the job has a final status, or request the logs of a finished attempt.',
  },
  'route-not-found': {
    status: 404,
    title: 'The endpoint does not exist',
    explanation: 'No endpoint has this path. GET /docs shows all endpoints.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed',
    explanation:
      'The path exists but does not support this method. The Allow header lists the supported methods.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    explanation:
      'The server closed the connection because the rest of the request did not arrive. Send the request again.',
  },
  'job-already-running': {
    status: 409,
    title: 'The job is already queued or running',
    explanation: 'An execution of this job is queued or running. Wait until it has finished, or cancel it.',
  },
  'job-already-finished': {
    status: 409,
    title: 'The job has already finished',
    explanation: 'The execution finished before it could be cancelled. `current_status` is the final status.',
  },
  'idempotency-answer-lost': {
    status: 409,
    title: 'The original response is not available',
    explanation:
      'An earlier request with this Idempotency-Key started, but the server failed before it could store the response, and the job has been executed again since. Read the job, and use a new key to execute it again.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The payload is too large',
    explanation: 'The code, the input or the whole body exceeds its limit. `detail` states the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The media type is not supported',
    explanation: 'Send the body as `Content-Type: application/json` without a content encoding.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key was used for another request',
    explanation:
      'This Idempotency-Key was sent before with another path or body. Use a new key for each new request, and the same key only to repeat a request.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    explanation: 'The request line and the headers exceed the limit of the server.',
  },
  'internal-error': {
    status: 500,
    title: 'The service failed',
    explanation:
      'An unexpected error occurred in the service. It was logged with `request_id`; include this id when you report the error.',
  },
  'engine-error': {
    status: 502,
    title: 'The engine failed',
    explanation:
      'The execution engine failed or returned an invalid response. The job is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
  'engine-unavailable': {
    status: 502,
    title: 'The engine cannot be reached',
    explanation:
      'The execution engine could not be reached. A job that was running is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
  'engine-busy': {
    status: 503,
    title: 'The engine is busy',
    explanation:
      'All slots of the engine are in use and its queue is full. The job has not changed. Try again after the number of seconds in Retry-After.',
  },
  'sandbox-unavailable': {
    status: 503,
    title: 'The engine has no sandbox',
    explanation:
      'The engine found no working sandbox and is not allowed to run programs without one. `detail` contains the command that installs it. The job has not changed.',
  },
  'storage-unavailable': {
    status: 503,
    title: 'The storage is unavailable',
    explanation:
      'The storage could not be reached or rejected the operation. The request left no partial changes. Try again later.',
  },
  'shutting-down': {
    status: 503,
    title: 'The service is shutting down',
    explanation:
      'This instance is shutting down and accepts no new executions. Try again after the number of seconds in Retry-After.',
  },
  'engine-timeout': {
    status: 504,
    title: 'The engine did not respond in time',
    explanation:
      'The engine did not return a result within the time allowed for an execution. The job is FAILED with verdict ENGINE_ERROR and can be executed again.',
  },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);
