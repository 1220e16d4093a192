import { expectNoChange } from './support/footprint';
import { type Gateway, startGateway } from './support/gateway';
import { expectInvalid, expectProblem } from './support/problem';

const LIST = '/api/jobs';
/** Unique to this run: the storage may hold jobs of other tests. */
const project = `demo-${Date.now().toString()}`;
const OWN_PROJECT = `&project=${project}`;

/** Invalid parameter, query. */
const QUERIES: readonly (readonly [string, string])[] = [
  ...['0', '1001', '-1', 'abc', '1e2', '1.0', '0x10', '', '%201', '+1', '1,2', 'NaN', '٣', '1&limit=1'].map(
    (limit) => ['limit', `limit=${limit}`] as const,
  ),
  ...['9'.repeat(400), '1&limit=', 'null', 'true', '%00'].map(
    (limit) => ['limit', `limit=${limit}`] as const,
  ),
  ...['', 'abc', 'null', '..%2F', '%00', 'a'.repeat(10_000), '01935d2e-7c1a-7000-8000-000000000000'].map(
    (cursor) => ['cursor', `cursor=${cursor}`] as const,
  ),
  ...['', 'success', 'DONE', '%00', 'SUCCESS&status=FAILED', 'toString'].map(
    (status) => ['status', `status=${status}`] as const,
  ),
  ...['', 'p'.repeat(33), 'python&language=lua'].map(
    (language) => ['language', `language=${language}`] as const,
  ),
  ...['', '..%2F', 'a%2Fb', '%C3%A9', '%00', 'p'.repeat(65), 'a&project=b', '.a'].map(
    (project) => ['project', `project=${project}`] as const,
  ),
];

const ENDPOINTS: readonly (readonly [string, string])[] = [
  ['POST', '/api/upload'],
  ['POST', '/api/execute/{job_id}'],
  ['GET', '/api/status/{job_id}'],
  ['POST', '/api/cancel/{job_id}'],
  ['GET', '/api/jobs'],
  ['GET', '/api/jobs/{job_id}/code'],
  ['GET', '/api/jobs/{job_id}/logs'],
  ['GET', '/api/jobs/{job_id}/events'],
  ['GET', '/api/languages'],
  ['GET', '/api/health'],
  ['GET', '/api/health/live'],
  ['GET', '/api/health/ready'],
  ['GET', '/'],
  ['GET', '/problems'],
  ['GET', '/problems/{code}'],
];

const UNKNOWN = ['unknown', 'Limit', 'input', 'toString', 'constructor', '__proto__', 'limit[]', ''];

describe('an invalid query', () => {
  let gateway: Gateway;
  const jobIds: string[] = [];
  let jobId = '';
  let cursor = '';
  beforeAll(async () => {
    gateway = await startGateway();
    for (const code of ['1', '2', '3']) jobIds.push(await gateway.api.upload('python', code, { project }));
    jobId = jobIds.at(-1) ?? '';
    cursor = await firstCursor('');
  });
  afterAll(() => gateway.close());

  const firstCursor = async (filter: string): Promise<string> => {
    const { body } = await gateway.api.get<{ next_cursor: string }>(`${LIST}?limit=1${filter}`);
    return body.next_cursor;
  };
  const list = (query: string) => expectNoChange(gateway, () => gateway.api.get(`${LIST}?${query}`));

  it.each(QUERIES)(
    'of the list with an invalid %s (%s) is rejected, naming the parameter',
    async (field, query) => {
      expectInvalid(await list(query), [field], LIST);
    },
  );

  it('of the list is rejected with all invalid parameters named', async () => {
    const response = await list('limit=0&status=x&project=..&cursor=&language=&page=2');
    expectInvalid(response, ['limit', 'status', 'project', 'cursor', 'language', 'page'], LIST);
  });

  it.each([1, 1000])('is distinguished from a valid one: a limit of %i is accepted', async (limit) => {
    expect((await list(`limit=${limit.toString()}`)).status).toBe(200);
  });

  it('is distinguished from a valid one: a cursor returns the next page of its list', async () => {
    const [first, second] = jobIds;
    const response = await list(`limit=2&cursor=${cursor}`);
    expect(response).toMatchObject({ status: 200, body: { jobs: [{ job_id: second }, { job_id: first }] } });
    const last = await list(`limit=2&cursor=${await firstCursor(OWN_PROJECT)}${OWN_PROJECT}`);
    expect(last).toMatchObject({ status: 200, body: { ...response.body, next_cursor: null } });
  });

  const ALTERED: readonly (readonly [string, (cursor: string) => string])[] = [
    ['that is truncated', (genuine) => genuine.slice(0, -1)],
    ['that is truncated to its half', (genuine) => genuine.slice(0, genuine.length / 2)],
    ['with a suffix', (genuine) => `${genuine}A`],
    ['with padding', (genuine) => `${genuine}=`],
    ['with a space', (genuine) => `${genuine}%20`],
    ['in lower case', (genuine) => genuine.toLowerCase()],
    ['whose position is forged', (genuine) => flip(genuine, 3)],
    ['whose checksum is forged', (genuine) => flip(genuine, 30)],
    ['of zeros', (genuine) => 'A'.repeat(genuine.length)],
    ['given twice', (genuine) => `${genuine}&cursor=${genuine}`],
    ['of the unfiltered list, used with a status', (genuine) => `${genuine}&status=PENDING`],
    ['of the unfiltered list, used with a language', (genuine) => `${genuine}&language=python`],
    ['of the unfiltered list, used with a project', (genuine) => `${genuine}${OWN_PROJECT}`],
  ];
  it.each(ALTERED)('with a cursor %s is rejected, naming it', async (_name, alter) => {
    expectInvalid(await list(`limit=2&cursor=${alter(cursor)}`), ['cursor'], LIST);
  });

  it.each(['&status=PENDING', '&language=python', OWN_PROJECT])(
    'with a cursor of the list %s, used without that filter, is rejected',
    async (filter) => {
      expectInvalid(await list(`cursor=${await firstCursor(filter)}`), ['cursor'], LIST);
    },
  );

  it.each(ENDPOINTS)(
    'of %s %s with an unknown parameter is rejected, naming it',
    async (method, template) => {
      const path = template.replace('{job_id}', jobId).replace('{code}', 'job-not-found');
      const init = path === '/api/upload' ? VALID_UPLOAD : {};
      await expectNoChange(gateway, async () => {
        for (const name of UNKNOWN) {
          expectInvalid(await gateway.api.request(method, `${path}?${name}=1`, init), [name], path);
        }
      });
    },
  );

  it('is tested on every documented endpoint', async () => {
    const { body } = await gateway.api.get<{ paths: Record<string, object> }>('/openapi.json');
    const documented = Object.entries(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(ENDPOINTS.map(([method, path]) => `${method} ${path}`).sort()).toEqual(documented.sort());
  });

  it.each(['%', '%zz', '%4', '%FF', '%C3', '%ED%A0%80'])(
    'with the malformed percent-encoding %s is rejected, in a name as in a value',
    async (text) => {
      for (const query of [`language=${text}`, `project=a${text}`, `limit=1&${text}=1`]) {
        expectProblem(await list(query), 400, 'malformed-request', LIST);
      }
    },
  );
});

const VALID_UPLOAD = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code: 'print(1)', language: 'python' }),
};

/** Replaces one character of a cursor by another of its alphabet. */
const flip = (cursor: string, at: number): string =>
  cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
