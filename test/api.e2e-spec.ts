import type { ApiResponse, JobBody } from './support/api';
import { describeEachDeployment } from './support/each-deployment';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const aNumber = (): number => expect.any(Number) as number;

describeEachDeployment({}, (gateway) => {
  it('responds to an upload with 201, the job id, the object key and the location', async () => {
    const response = await gateway().api.post<{ job_id: string }>('/api/upload', {
      code: 'print(1)',
      language: 'Py',
    });
    const { job_id } = response.body;
    expect(job_id).toMatch(UUID_V7);
    expect(response).toMatchObject({ status: 201 });
    expect(response.headers.get('location')).toBe(`/api/status/${job_id}`);
    expect(response.body).toEqual({
      job_id,
      s3_key: `uploads/${job_id}.py`,
      status: 'PENDING',
      language: 'python',
      created_at: matching(TIME),
    });
  });

  it('returns every field for a pending job', async () => {
    const { api } = gateway();
    const jobId = await api.upload('python', 'print("é")', {
      project: 'demo',
      function_name: 'f',
      description: 'd',
    });
    expect(await api.status(jobId)).toEqual({
      job_id: jobId,
      status: 'PENDING',
      verdict: null,
      queue_position: null,
      attempt: 0,
      language: 'python',
      s3_key: `uploads/${jobId}.py`,
      project: 'demo',
      function_name: 'f',
      description: 'd',
      code_bytes: 11,
      timeout_ms: null,
      created_at: matching(TIME),
      updated_at: matching(TIME),
      started_at: null,
      completed_at: null,
      exit_code: null,
      signal: null,
      stdout: null,
      stderr: null,
      stdout_bytes: null,
      stderr_bytes: null,
      stdout_truncated: false,
      stderr_truncated: false,
      compile: null,
      results: null,
      resource: null,
      timings: null,
      logs_url: null,
      error_message: null,
    });
  });

  it('responds to an execution with the complete job, as the status endpoint does', async () => {
    const { api } = gateway();
    const jobId = await api.upload('python', 'import sys\nprint("hello")\nprint("oops", file=sys.stderr)');
    const job = await api.execute(jobId);
    expect(job).toMatchObject({
      status: 'SUCCESS',
      verdict: 'OK',
      attempt: 1,
      timeout_ms: 5000,
      started_at: matching(TIME),
      completed_at: matching(TIME),
      exit_code: 0,
      signal: null,
      stdout: 'hello\n',
      stderr: 'oops\n',
      stdout_bytes: 6,
      stderr_bytes: 5,
      compile: null,
      resource: {
        execution_time_ms: aNumber(),
        cpu_time_ms: aNumber(),
        cpu_percent: aNumber(),
        memory_mb: aNumber(),
        accounting: matching(/^(cgroup-v[12]|rusage)$/),
      },
      timings: {
        queued_ms: aNumber(),
        fetch_ms: aNumber(),
        compile_ms: null,
        run_ms: aNumber(),
        total_ms: aNumber(),
      },
      logs_url: `${api.url}/api/jobs/${jobId}/logs`,
    });
    expect(await api.status(jobId)).toEqual(job);
    expect(await api.status(jobId.toUpperCase())).toEqual(job);
  });

  it('executes a job repeatedly and keeps the logs of each attempt', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'cat; exit 3');
    expect(await api.execute(jobId, { input: 'one' })).toMatchObject({
      attempt: 1,
      status: 'FAILED',
      stdout: 'one',
    });
    expect(await api.execute(jobId, { input: 'two' })).toMatchObject({
      attempt: 2,
      exit_code: 3,
      stdout: 'two',
    });
    const logs = async (query = ''): Promise<unknown> =>
      (await api.get(`/api/jobs/${jobId}/logs${query}`)).body;
    expect(await logs()).toBe('two');
    expect(await logs('?attempt=1')).toBe('one');
    expect(await api.get(`/api/jobs/${jobId}/logs?attempt=3`)).toMatchObject({
      status: 404,
      body: { code: 'logs-not-found' },
    });
  });

  it('returns the logs as both streams in order, as one stream, or as chunks', async () => {
    const { api } = gateway();
    const jobId = await api.upload(
      'bash',
      'for n in 1 2 3; do echo out$n; sleep 0.05; echo err$n >&2; sleep 0.05; done',
    );
    await api.execute(jobId);
    const path = `/api/jobs/${jobId}/logs`;
    const all = await api.get<string>(path);
    expect(all.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(all.body).toBe('out1\nerr1\nout2\nerr2\nout3\nerr3\n');
    expect((await api.get(`${path}?stream=stderr`)).body).toBe('err1\nerr2\nerr3\n');
    const chunks = await api.get<string>(path, { accept: 'application/x-ndjson' });
    expect(chunks.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    const parsed = chunks.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; t_ms: number });
    expect(parsed.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(parsed[0]).toEqual({ seq: 0, t_ms: aNumber(), stream: 'stdout', data: 'out1\n' });
    const times = parsed.map(({ t_ms }) => t_ms);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('responds with 404 to a request for logs before the first execution has finished', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo');
    expect(await api.get(`/api/jobs/${jobId}/logs`)).toMatchObject({
      status: 404,
      body: { code: 'logs-not-found' },
    });
  });

  it('returns the code byte for byte', async () => {
    const { api } = gateway();
    const code = '\ufeffprint("ü 漢 😀")\r\n\t# \u2028 end';
    const response = await api.request('GET', `/api/jobs/${await api.upload('python', code)}/code`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const raw = await fetch(`${api.url}/api/jobs/${await api.upload('python', code)}/code`);
    expect(Buffer.from(await raw.arrayBuffer()).equals(Buffer.from(code))).toBe(true);
  });

  it('cancels a pending job idempotently, and still executes it afterwards', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'echo ran');
    const first: ApiResponse<JobBody> = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect(first).toMatchObject({
      status: 200,
      body: { status: 'CANCELLED', verdict: 'CANCELLED', attempt: 0 },
    });
    expect((await api.post(`/api/cancel/${jobId}`, {})).body).toEqual(first.body);
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', stdout: 'ran\n' });
    expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({
      status: 409,
      body: { code: 'job-already-finished', current_status: 'SUCCESS' },
    });
  });

  it('lists each job once, newest first, with a link to the next page', async () => {
    const { api } = gateway();
    const project = `list-${Date.now().toString()}`;
    const uploaded: string[] = [];
    for (let n = 0; n < 25; n += 1) uploaded.unshift(await api.upload('bash', 'echo', { project }));
    const listed: string[] = [];
    let path: string | undefined = `/api/jobs?project=${project}&language=SHELL&limit=10`;
    while (path !== undefined) {
      const page: ApiResponse<{ jobs: JobBody[]; next_cursor: string | null }> = await api.get(path);
      expect(page.status).toBe(200);
      for (const job of page.body.jobs) {
        expect(job).not.toHaveProperty('stdout');
        listed.push(job.job_id);
      }
      const link = /^<(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      expect(link === undefined).toBe(page.body.next_cursor === null);
      path = link?.slice(api.url.length);
    }
    expect(listed).toEqual(uploaded);
  });

  it('filters the list by status', async () => {
    const { api } = gateway();
    const jobId = await api.upload('bash', 'exit 9');
    await api.execute(jobId);
    const { body } = await api.get<{ jobs: JobBody[] }>('/api/jobs?status=FAILED&limit=1000');
    expect(body.jobs.map(({ job_id }) => job_id)).toContain(jobId);
    expect(new Set(body.jobs.map(({ status }) => status))).toEqual(new Set(['FAILED']));
  });

  it('reports the service and the health of its dependencies', async () => {
    const { api, backend, environment } = gateway();
    expect(await api.get('/')).toMatchObject({
      status: 200,
      body: { service: 'service-server', status: 'running', environment, docs: `${api.url}/docs` },
    });
    const up = { status: 'up', latency_ms: aNumber() };
    const parts = { embedded: ['storage'], aws: ['dynamodb', 's3', 'sqs'] }[backend];
    for (const path of ['/api/health', '/api/health/ready']) {
      expect(await api.get(path)).toMatchObject({
        status: 200,
        body: {
          status: 'ok',
          details: {
            ...Object.fromEntries(parts.map((part) => [part, { ...up, backend }])),
            engine: { ...up, isolation: 'bubblewrap' },
          },
        },
      });
    }
    expect(await api.get('/api/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});
