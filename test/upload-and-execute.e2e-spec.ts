import { randomUUID } from 'node:crypto';
import { waitForResult } from './support/async';
import { describeEachDeployment } from './support/each-deployment';
import type { ApiResponse, Api, JobBody, ProblemBody } from './support/api';

describeEachDeployment({}, (gateway) => {
  let api: Api;
  beforeAll(() => {
    ({ api } = gateway());
  });

  const upload = <T = JobBody>(body: object, headers: Record<string, string> = {}): Promise<ApiResponse<T>> =>
    api.request<T>('POST', '/api/upload', {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const CAT = { language: 'bash', code: 'cat', execute: true, input: 'hello\n' };

  it('responds with the finished job and its location', async () => {
    const { status, headers, body } = await upload(CAT);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: 'hello\n' });
    expect(headers.get('location')).toBe(`/api/status/${body.job_id}`);
    expect(await api.status(body.job_id)).toEqual(body);
  });

  it('responds with the queued job if the client prefers an asynchronous response', async () => {
    const { status, headers, body } = await upload(CAT, { prefer: 'respond-async' });
    expect([status, body.status]).toEqual([202, 'QUEUED']);
    expect(headers.get('preference-applied')).toBe('respond-async');
    expect(await waitForResult(api, body.job_id)).toMatchObject({ status: 'SUCCESS', stdout: 'hello\n' });
  });

  it('uploads and executes once per idempotency key, and replays the response', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { ...CAT, code: 'cat; echo "$RANDOM$RANDOM$RANDOM"' };
    const [first, ...others] = await Promise.all([1, 2, 3, 4].map(() => upload(body, key)));
    expect(first).toMatchObject({ status: 201, body: { status: 'SUCCESS', attempt: 1 } });
    for (const other of others) expect(other).toMatchObject({ status: 201, body: first?.body });
    const later = await upload(body, key);
    expect(later.body).toEqual(first?.body);
    expect(later.headers.get('idempotency-replayed')).toBe('true');
    expect(await upload<ProblemBody>({ ...body, input: '' }, key)).toMatchObject({ status: 422 });
  });

  it('stores nothing if the execution is invalid', async () => {
    const before = (await api.get<{ jobs: { job_id: string }[] }>('/api/jobs?limit=1')).body.jobs[0]?.job_id;
    for (const invalid of [
      { timeout: 10 ** 8 },
      { inputs: ['x'] },
      { execute: 'yes' },
      { callback_url: 'ftp://x' },
    ]) {
      expect(await upload({ ...CAT, ...invalid })).toMatchObject({
        status: 400,
        body: { code: 'validation-failed' },
      });
    }
    const { execute: _, ...without } = CAT;
    expect(await upload<ProblemBody>(without)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'input' }] },
    });
    expect((await api.get<{ jobs: { job_id: string }[] }>('/api/jobs?limit=1')).body.jobs[0]?.job_id).toBe(
      before,
    );
  });
});
