import type { ApiResponse } from './support/api';
import {
  UNSUPPORTED_ENCODINGS,
  DEEP_OR_LONG_BODIES,
  INVALID_BODIES,
  UNSUPPORTED_CONTENT_TYPES,
  postRaw,
} from './support/invalid-bodies';
import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { expectInvalid, expectProblem } from './support/problem';

const UNKNOWN_ID = '01935d2e-7c1a-7000-8000-000000000000';

/** Method, and the path before and after the job id. */
const ENDPOINTS = [
  ['GET', '/api/status/', ''],
  ['POST', '/api/execute/', ''],
  ['POST', '/api/cancel/', ''],
  ['GET', '/api/jobs/', '/code'],
  ['GET', '/api/jobs/', '/logs'],
] as const;

const INVALID_IDS: readonly (readonly [string, string])[] = [
  ['a word', 'latest'],
  ['a number', '1'],
  ['a truncated UUID', UNKNOWN_ID.slice(0, -1)],
  ['a UUID with a suffix', `${UNKNOWN_ID}.py`],
  ['a UUID in braces', `%7B${UNKNOWN_ID}%7D`],
  ['a UUID with a trailing space', `${UNKNOWN_ID}%20`],
  ['a path traversal', '..%2F..%2Fetc%2Fpasswd'],
  ['NUL', '%00'],
  ['Unicode', encodeURIComponent('작업😀')],
  ['10 kB of text', 'a'.repeat(10_000)],
  ['10 kB of percent-encoding', '%61'.repeat(3334)],
];

/** Name, JSON body, invalid fields. */
const EXECUTIONS: readonly (readonly [string, string, readonly string[]])[] = [
  ...[
    '0',
    '-1',
    '1.5',
    '"5000"',
    '1000000000000',
    '20001',
    '1e400',
    'null',
    'true',
    '""',
    '[5000]',
    '{}',
  ].map((timeout) => [`a timeout of ${timeout}`, `{"timeout":${timeout}}`, ['timeout']] as const),
  ...['null', '5', 'false', '["World"]', '{"a":"b"}', '"\\ud800"', '"a\\udc00b"'].map(
    (input) => [`an input of ${input}`, `{"input":${input}}`, ['input']] as const,
  ),
  ...['timeout_ms', 'code', 'Input', '', 'toString', '__proto__'].map(
    (field) => [`an unknown field ${JSON.stringify(field)}`, `{"${field}":1}`, [field]] as const,
  ),
  ...DEEP_OR_LONG_BODIES.flatMap(([name, value]) =>
    ['input', 'timeout', 'unknown'].map(
      (field) => [`${name} as ${field}`, `{"${field}":${value}}`, [field]] as const,
    ),
  ),
  ['several invalid fields', '{"timeout":0,"input":1,"stdin":"a"}', ['input', 'stdin', 'timeout']],
];

const LOGS: readonly (readonly [string, string])[] = [
  ...['0', '-1', 'abc', '1e2', '1.5', '', '1&attempt=1', '9007199254740993', '%31%30x'].map(
    (attempt) => ['attempt', `attempt=${attempt}`] as const,
  ),
  ...['both', '', 'STDOUT', 'stdin', 'stdout&stream=stderr', '__proto__'].map(
    (stream) => ['stream', `stream=${stream}`] as const,
  ),
];

describe('an invalid request to a job', () => {
  let gateway: Gateway;
  const jobs = { pending: '', finished: '' };
  beforeAll(async () => {
    gateway = await startGateway();
    jobs.pending = await gateway.api.upload('bash', 'echo never run');
    jobs.finished = (await gateway.api.run('bash', 'echo hello')).job_id;
  });
  afterAll(() => gateway.close());

  const sendRejected = (
    path: string,
    body: string | Buffer,
    headers?: Record<string, string>,
  ): Promise<ApiResponse> => expectNoChange(gateway, () => postRaw(gateway.api, path, body, headers));

  it.each(
    ENDPOINTS.flatMap(([method, before, after]) =>
      INVALID_IDS.map(([name, id]) => ({ method, before, after, name, id })),
    ),
  )(
    '$method $before…$after responds with 400 to an id that is not a UUID ($name)',
    async ({ method, before, after, id }) => {
      const path = `${before}${id}${after}`;
      expectInvalid(await expectNoChange(gateway, () => gateway.api.request(method, path)), ['job_id'], path);
    },
  );

  it.each(ENDPOINTS)('%s %s…%s responds with 404 to an unknown id', async (method, before, after) => {
    for (const id of [UNKNOWN_ID, UNKNOWN_ID.toUpperCase(), '00000000-0000-0000-0000-000000000000']) {
      const response = await expectNoChange(gateway, () => gateway.api.request(method, before + id + after));
      expectProblem(response, 404, 'job-not-found', before + id + after);
    }
  });

  describe.each(['pending', 'finished'] as const)('that is %s', (state) => {
    const execute = (): string => `/api/execute/${jobs[state]}`;
    const cancel = (): string => `/api/cancel/${jobs[state]}`;

    it.each(EXECUTIONS)(
      'an execution with %s is rejected, naming the invalid fields',
      async (_name, body, fields) => {
        expectInvalid(await sendRejected(execute(), body), fields, execute());
      },
    );

    it.each(INVALID_BODIES)(
      'an execution or a cancellation whose body is %s is rejected',
      async (_name, body, code) => {
        for (const path of [execute(), cancel()])
          expectProblem(await sendRejected(path, body), 400, code, path);
      },
    );

    it.each(UNSUPPORTED_CONTENT_TYPES.map((type) => [type ?? 'none']))(
      'an execution or a cancellation with the content type %s is rejected',
      async (type) => {
        const headers: Record<string, string> = type === 'none' ? {} : { 'content-type': type };
        for (const path of [execute(), cancel()]) {
          expectProblem(
            await sendRejected(path, '{"input":""}', headers),
            415,
            'unsupported-media-type',
            path,
          );
        }
      },
    );

    it.each(UNSUPPORTED_ENCODINGS)(
      'an execution or a cancellation with the content encoding %s is rejected',
      async (encoding, encode) => {
        const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
        for (const path of [execute(), cancel()]) {
          expectProblem(await sendRejected(path, encode('{}'), headers), 415, 'unsupported-media-type', path);
        }
      },
    );

    it.each(['force', '', 'toString', '__proto__'])(
      'a cancellation with the unknown field %j is rejected, naming it',
      async (field) => {
        expectInvalid(await sendRejected(cancel(), `{"${field}":true}`), [field], cancel());
      },
    );

    it.each(LOGS)(
      'a request for logs with an invalid %s (%s) is rejected, naming it',
      async (field, query) => {
        const path = `/api/jobs/${jobs[state]}/logs`;
        const response = await expectNoChange(gateway, () => gateway.api.get(`${path}?${query}`));
        expectInvalid(response, [field], path);
      },
    );

    it('logs of an attempt that does not exist are not found', async () => {
      const path = `/api/jobs/${jobs[state]}/logs`;
      const response = await expectNoChange(gateway, () => gateway.api.get(`${path}?attempt=7`));
      expectProblem(response, 404, 'logs-not-found', path);
    });
  });

  it('the cancellation of a finished job is a conflict that reports its status', async () => {
    const path = `/api/cancel/${jobs.finished}`;
    const response = await expectNoChange(gateway, () => gateway.api.post(path));
    expect(expectProblem(response, 409, 'job-already-finished', path).current_status).toBe('SUCCESS');
  });

  it('is distinguished from a valid one, which changes the job', async () => {
    const executed = expectNoChange(gateway, () => gateway.api.execute(jobs.pending, {}));
    await expect(executed).rejects.toThrow('toEqual');
  });
});
