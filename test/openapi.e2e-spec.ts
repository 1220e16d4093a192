/** The OpenAPI document matches the contract, the problem catalogue and the responses of the service. */
import { type ApiResponse, Api } from './support/api';
import { type Gateway, startEngine, startGateway } from './support/gateway';
import { lintOpenApi } from './support/openapi-lint';
import { type OpenApi, type Schema, schemaViolations, listOperations, listProblems } from './support/openapi';

/** The endpoints in reading order with their success statuses. */
const ENDPOINTS = {
  'POST /api/upload': [201, 202],
  'POST /api/execute/{job_id}': [200, 202],
  'GET /api/status/{job_id}': [200, 304],
  'POST /api/cancel/{job_id}': [200],
  'GET /api/jobs': [200],
  'GET /api/jobs/{job_id}/code': [200],
  'GET /api/jobs/{job_id}/logs': [200],
  'GET /api/jobs/{job_id}/events': [200, 204],
  'GET /api/languages': [200],
  'GET /api/health': [200],
  'GET /api/health/ready': [200],
  'GET /api/health/live': [200],
  'GET /problems': [200],
  'GET /problems/{code}': [200],
  'GET /': [200],
};

/** The problems of the contract with their statuses. */
const PROBLEMS = {
  'validation-failed': 400,
  'malformed-json': 400,
  'unsupported-language': 400,
  'job-not-found': 404,
  'logs-not-found': 404,
  'route-not-found': 404,
  'method-not-allowed': 405,
  'job-already-running': 409,
  'job-already-finished': 409,
  'idempotency-key-reused': 422,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'internal-error': 500,
  'engine-error': 502,
  'engine-unavailable': 502,
  'engine-timeout': 504,
  'engine-busy': 503,
  'sandbox-unavailable': 503,
  'storage-unavailable': 503,
};

/** Problems of requests that reach no operation. */
const OUTSIDE = [
  'malformed-request',
  'request-timeout',
  'headers-too-large',
  'route-not-found',
  'method-not-allowed',
];

/** A 503 of these operations has the state of the dependencies instead of a problem. */
const HEALTH = ['GET /api/health', 'GET /api/health/ready'];

interface Problem {
  readonly code: string;
  readonly status: number;
  readonly type: string;
}

describe('the OpenAPI document', () => {
  let gateway: Gateway;
  let document: OpenApi;
  let catalogue: Problem[];
  beforeAll(async () => {
    gateway = await startGateway();
    document = (await gateway.api.get<OpenApi>('/openapi.json')).body;
    catalogue = (await gateway.api.get<Problem[]>('/problems')).body;
  });
  afterAll(() => gateway.close());

  it('passes the linter without an error or a warning', async () => {
    expect(await lintOpenApi(document)).toEqual([]);
  }, 60_000);

  it('of the engine passes the linter, too', async () => {
    const engine = await startEngine();
    const { body } = await new Api(engine.url).get<OpenApi>('/openapi.json');
    await engine.close();
    expect(listOperations(body)).toHaveLength(5);
    expect(await lintOpenApi(body)).toEqual([]);
  }, 60_000);

  it('has exactly the endpoints and success statuses of the contract, in reading order', () => {
    const successes = listOperations(document).map(([name, { responses }]) => [
      name,
      Object.keys(responses)
        .map(Number)
        .filter((status) => status < 400),
    ]);
    expect(successes).toEqual(Object.entries(ENDPOINTS).map(([name, statuses]) => [name, statuses]));
  });

  it('has a unique id, a summary and one documented tag for each operation', () => {
    const operations = listOperations(document).map(([, operation]) => operation);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    const tags = document.tags.map(({ name }) => name);
    for (const { summary, tags: own } of operations) {
      expect(summary).toBeTruthy();
      expect(own).toHaveLength(1);
      expect(tags).toEqual(expect.arrayContaining([...own]));
    }
  });

  it('describes every parameter and every field', () => {
    const parameters = listOperations(document).flatMap(([name, operation]) =>
      (operation.parameters ?? [])
        .filter(({ description }) => !description)
        .map((parameter) => `${name} ${parameter.name}`),
    );
    const fields = fieldsOf(document)
      .filter(([, { description }]) => !description)
      .map(([name]) => name);
    expect([...parameters, ...fields]).toEqual([]);
  });

  it('has an example for every field', () => {
    const bare = fieldsOf(document).filter(([, field]) => !('example' in field) && !hasParts(field));
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('forbids unknown fields in requests, as the service does', () => {
    const requests = listOperations(document).flatMap(([, { requestBody }]) => {
      const name = requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
      return name === undefined ? [] : [document.components.schemas[name]?.additionalProperties];
    });
    expect(requests).toEqual([false, false]);
  });

  it('documents every error as a problem, with a valid example of each code', () => {
    for (const [name, operation] of listOperations(document)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || (status === '503' && HEALTH.includes(name))) continue;
        expect([name, status, Object.keys(content ?? {})]).toEqual([
          name,
          status,
          ['application/problem+json'],
        ]);
        expect(listProblems(operation).some((problem) => problem.status === Number(status))).toBe(true);
      }
      for (const { code, status, body, schema } of listProblems(operation)) {
        expect(body).toMatchObject({ code, status, type: `/problems/${code}` });
        expect(schemaViolations(document, schema, body)).toEqual([]);
      }
    }
  });

  it('has exactly the problems of the catalogue, with the same statuses', () => {
    const documented = listOperations(document).flatMap(([, operation]) => listProblems(operation));
    const codes = new Set([...documented.map(({ code }) => code), ...OUTSIDE]);
    expect([...codes].sort()).toEqual(catalogue.map(({ code }) => code).sort());
    const statuses = new Map(catalogue.map(({ code, status }) => [code, status]));
    for (const { code, status } of documented) expect([code, status]).toEqual([code, statuses.get(code)]);
    expect(Object.fromEntries(statuses)).toMatchObject(PROBLEMS);
  });

  it('links each problem type to its explanation', async () => {
    for (const problem of catalogue) {
      const { status, body } = await gateway.api.get(problem.type);
      expect([status, body]).toEqual([200, problem]);
    }
  });

  it('has upload examples that run as they are and print a greeting', async () => {
    const bodies = examplesOf(document, 'POST /api/upload');
    const inputs = examplesOf(document, 'POST /api/execute/{job_id}');
    expect(bodies.length * inputs.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const uploaded = await gateway.api.post<{ job_id: string }>('/api/upload', body);
      expect(uploaded.status).toBe(201);
      for (const input of inputs) {
        const job = await gateway.api.execute(uploaded.body.job_id, input as object);
        expect(job).toMatchObject({ status: 'SUCCESS', stderr: '' });
        const results = job['results'] as { stdout: string }[] | null;
        for (const { stdout } of results ?? [job]) expect(stdout).toMatch(/^hello/);
      }
    }
  }, 60_000);

  it('has schemas that match the responses of the service', async () => {
    const { api } = gateway;
    const check = (name: string, { status, body }: ApiResponse<unknown>): void => {
      const [method = '', path = ''] = name.split(' ');
      const { content } = document.paths[path]?.[method.toLowerCase()]?.responses[status.toString()] ?? {};
      const schema = content?.['application/json']?.schema;
      if (!schema) throw new Error(`${name} documents no JSON under ${status.toString()}`);
      expect([name, schemaViolations(document, schema, body)]).toEqual([name, []]);
    };

    const code = 'int main(void) { return 0; }';
    const uploaded = await api.post<{ job_id: string }>('/api/upload', { language: 'c', code });
    const id = uploaded.body.job_id;
    check('POST /api/upload', uploaded);
    check('GET /api/status/{job_id}', await api.get(`/api/status/${id}`));
    check('POST /api/execute/{job_id}', await api.post(`/api/execute/${id}`));
    check('GET /api/status/{job_id}', await api.get(`/api/status/${id}`));
    const pending = await api.upload('python', 'print()', { project: 'demo' });
    check('POST /api/cancel/{job_id}', await api.post(`/api/cancel/${pending}`));
    check('GET /api/jobs', await api.get('/api/jobs'));
    check('GET /api/jobs', await api.get('/api/jobs?limit=1'));
    check('GET /api/languages', await api.get('/api/languages'));
    check('GET /api/health', await api.get('/api/health'));
    check('GET /api/health/ready', await api.get('/api/health/ready'));
    check('GET /api/health/live', await api.get('/api/health/live'));
    check('GET /problems', await api.get('/problems'));
    check('GET /problems/{code}', await api.get('/problems/job-not-found'));
    check('GET /', await api.get('/'));
  });
});

const examplesOf = (document: OpenApi, name: string): unknown[] => {
  const operation = listOperations(document).find(([own]) => own === name)?.[1];
  const examples = operation?.requestBody?.content['application/json']?.examples ?? {};
  return Object.values(examples).map(({ value }) => value);
};

/** Every property of every schema, however deep, with its path. */
const fieldsOf = (document: OpenApi): [string, Schema][] =>
  Object.entries(document.components.schemas).flatMap(([name, schema]) => fieldsWithin(name, schema));

const fieldsWithin = (path: string, schema: Schema): [string, Schema][] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, Schema][] => [
    [`${path}.${name}`, field],
    ...fieldsWithin(`${path}.${name}`, field),
  ]),
  ...[schema.additionalProperties, schema.items, ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(
    (part) => (typeof part === 'object' ? fieldsWithin(`${path}.*`, part) : []),
  ),
];

/** A field with parts needs no example of its own; each part is checked. */
const hasParts = ({ $ref, items, oneOf, allOf, properties, enum: values }: Schema): boolean =>
  [$ref, items, oneOf, allOf, properties, values].some((part) => part !== undefined);
