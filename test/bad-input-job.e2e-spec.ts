/** Bad requests to a job that is there, or to none: each gets its problem, and no job changes. */
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

const NOBODY = '01935d2e-7c1a-7000-8000-000000000000';

/** Method, and path before and after the id. */
const ENDPOINTS = [
  ['GET', '/api/status/', ''],
  ['POST', '/api/execute/', ''],
  ['POST', '/api/cancel/', ''],
  ['GET', '/api/jobs/', '/code'],
  ['GET', '/api/jobs/', '/logs'],
] as const;

const NO_UUIDS: readonly (readonly [string, string])[] = [
  ['a word', 'latest'],
  ['a number', '1'],
  ['a UUID that is cut off', NOBODY.slice(0, -1)],
  ['a UUID with something after it', `${NOBODY}.py`],
  ['a UUID in braces', `%7B${NOBODY}%7D`],
  ['a UUID with a blank after it', `${NOBODY}%20`],
  ['a way out of a directory', '..%2F..%2Fetc%2Fpasswd'],
  ['NUL', '%00'],
  ['unicode', encodeURIComponent('작업😀')],
  ['10 kB long', 'a'.repeat(10_000)],
  ['10 kB of percent-encoding', '%61'.repeat(3334)],
];

/** Name, body in JSON, fields at fault. */
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
  ['many faults at once', '{"timeout":0,"input":1,"stdin":"a"}', ['input', 'stdin', 'timeout']],
];

const LOGS: readonly (readonly [string, string])[] = [
  ...['0', '-1', 'abc', '1e2', '1.5', '', '1&attempt=1', '9007199254740993', '%31%30x'].map(
    (attempt) => ['attempt', `attempt=${attempt}`] as const,
  ),
  ...['both', '', 'STDOUT', 'stdin', 'stdout&stream=stderr', '__proto__'].map(
    (stream) => ['stream', `stream=${stream}`] as const,
  ),
];

describe('a bad request to a job', () => {
  let gateway: Gateway;
  const jobs = { pending: '', finished: '' };
  beforeAll(async () => {
    gateway = await startGateway();
    jobs.pending = await gateway.api.upload('bash', 'echo never run');
    jobs.finished = (await gateway.api.run('bash', 'echo hello')).job_id;
  });
  afterAll(() => gateway.close());

  const refused = (
    path: string,
    body: string | Buffer,
    headers?: Record<string, string>,
  ): Promise<ApiResponse> => expectNoChange(gateway, () => postRaw(gateway.api, path, body, headers));

  it.each(
    ENDPOINTS.flatMap(([method, before, after]) =>
      NO_UUIDS.map(([name, id]) => ({ method, before, after, name, id })),
    ),
  )(
    '$method $before…$after with an id that is no UUID ($name) is refused by name',
    async ({ method, before, after, id }) => {
      const path = `${before}${id}${after}`;
      expectInvalid(await expectNoChange(gateway, () => gateway.api.request(method, path)), ['job_id'], path);
    },
  );

  it.each(ENDPOINTS)('%s %s…%s with the id of nobody is a 404', async (method, before, after) => {
    for (const id of [NOBODY, NOBODY.toUpperCase(), '00000000-0000-0000-0000-000000000000']) {
      const answer = await expectNoChange(gateway, () => gateway.api.request(method, before + id + after));
      expectProblem(answer, 404, 'job-not-found', before + id + after);
    }
  });

  describe.each(['pending', 'finished'] as const)('that is %s', (state) => {
    const execute = (): string => `/api/execute/${jobs[state]}`;
    const cancel = (): string => `/api/cancel/${jobs[state]}`;

    it.each(EXECUTIONS)('an execution with %s is refused by name', async (_name, body, faults) => {
      expectInvalid(await refused(execute(), body), faults, execute());
    });

    it.each(INVALID_BODIES)(
      'an execution or a cancel whose body is %s is refused',
      async (_name, body, code) => {
        for (const path of [execute(), cancel()]) expectProblem(await refused(path, body), 400, code, path);
      },
    );

    it.each(UNSUPPORTED_CONTENT_TYPES.map((type) => [type ?? 'none']))(
      'an execution or a cancel with the content type %s is refused',
      async (type) => {
        const headers: Record<string, string> = type === 'none' ? {} : { 'content-type': type };
        for (const path of [execute(), cancel()]) {
          expectProblem(await refused(path, '{"input":""}', headers), 415, 'unsupported-media-type', path);
        }
      },
    );

    it.each(UNSUPPORTED_ENCODINGS)(
      'an execution or a cancel with the content encoding %s is refused',
      async (encoding, encode) => {
        const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
        for (const path of [execute(), cancel()]) {
          expectProblem(await refused(path, encode('{}'), headers), 415, 'unsupported-media-type', path);
        }
      },
    );

    it.each(['force', '', 'toString', '__proto__'])(
      'a cancel with the field %j is refused by name',
      async (field) => {
        expectInvalid(await refused(cancel(), `{"${field}":true}`), [field], cancel());
      },
    );

    it.each(LOGS)('logs with a bad %s (%s) are refused by name', async (field, query) => {
      const path = `/api/jobs/${jobs[state]}/logs`;
      const answer = await expectNoChange(gateway, () => gateway.api.get(`${path}?${query}`));
      expectInvalid(answer, [field], path);
    });

    it('logs of an attempt that never was are not found', async () => {
      const path = `/api/jobs/${jobs[state]}/logs`;
      const answer = await expectNoChange(gateway, () => gateway.api.get(`${path}?attempt=7`));
      expectProblem(answer, 404, 'logs-not-found', path);
    });
  });

  it('a cancel of one that has ended is a conflict that tells its status', async () => {
    const path = `/api/cancel/${jobs.finished}`;
    const answer = await expectNoChange(gateway, () => gateway.api.post(path));
    expect(expectProblem(answer, 409, 'job-already-finished', path).current_status).toBe('SUCCESS');
  });

  it('is told from a good one, which changes the job', async () => {
    const executed = expectNoChange(gateway, () => gateway.api.execute(jobs.pending, {}));
    await expect(executed).rejects.toThrow('toEqual');
  });
});
