import type { ApiResponse, Api, JobBody, ProblemBody } from '../support/api';
import { startAwsGateways } from '../support/aws-gateways';
import type { Gateway } from '../support/gateway';
import { findLeftovers, createMarker } from '../support/leftovers';
import { findProcesses } from '../support/processes';
import { FaultProxy } from './fault-proxy';

const RACES = 50;
const LONG = { timeout: 20_000 };
const CANCELLED = { status: 'CANCELLED', verdict: 'CANCELLED' };

describe('two gateways on one storage and one engine', () => {
  let gateway: Gateway;
  let one: Api;
  let other: Api;
  beforeAll(async () => {
    gateway = await startAwsGateways();
    [one, other] = gateway.apis as [Api, Api];
  }, 60_000);
  afterAll(() => gateway.close());

  const both = <T>(ask: (api: Api) => Promise<T>): Promise<T[]> => Promise.all([ask(one), ask(other)]);
  /** Alternates which gateway is first. */
  const orderFor = (race: number): readonly [Api, Api] => (race % 2 === 0 ? [one, other] : [other, one]);

  it('return the same job, whichever of them stored or executed it', async () => {
    const code = 'import sys\nprint("é" * 100_000)\nprint("oops", file=sys.stderr)';
    const jobId = await one.upload('python', code, { project: 'shared' });
    const job = await other.execute(jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', attempt: 1, stderr: 'oops\n' });
    expect(await both((api) => api.status(jobId))).toEqual([job, job]);
    const lists = await both((api) => api.get<{ jobs: JobBody[] }>('/api/jobs?project=shared'));
    expect(lists.map(({ body }) => body.jobs.map(({ job_id, status }) => [job_id, status]))).toEqual([
      [[jobId, 'SUCCESS']],
      [[jobId, 'SUCCESS']],
    ]);
    const read = (path: string) => both(async (api) => (await api.get(`/api/jobs/${jobId}/${path}`)).body);
    expect(await read('code')).toEqual([code, code]);
    const [logs, same] = await read('logs?stream=stdout');
    expect(logs).toBe(`${'é'.repeat(100_000)}\n`);
    expect(same).toBe(logs);
    expect(await one.execute(jobId)).toMatchObject({ attempt: 2 });
    expect(await other.status(jobId)).toMatchObject({ attempt: 2 });
  });

  it('start only one of two simultaneous executions of a job, and both can cancel it', async () => {
    for (let race = 0; race < RACES; race += 1) {
      const [first, second] = orderFor(race);
      const jobId = await first.upload('bash', 'sleep 1000');
      const execute = (api: Api) => api.post<JobBody | ProblemBody>(`/api/execute/${jobId}`, LONG);
      const executions = [execute(first), execute(second)];
      // The other request waits for its program.
      expect(await Promise.race(executions)).toMatchObject({
        status: 409,
        body: { code: 'job-already-running', current_status: 'RUNNING' },
      });
      const cancelled = await first.post<JobBody>(`/api/cancel/${jobId}`);
      expect(cancelled).toMatchObject({ status: 200, body: { ...CANCELLED, attempt: 1 } });
      const responses = await Promise.all(executions);
      const winners = responses.filter(({ status }) => status === 200);
      expect(winners.map(({ body }) => body)).toEqual([cancelled.body]);
      expect(await both((api) => api.status(jobId))).toEqual([cancelled.body, cancelled.body]);
    }
  }, 120_000);

  it('return the same outcome of a job that completes while both cancel it', async () => {
    const outcomes = new Set<string>();
    for (let race = 0; race < RACES; race += 1) {
      const [first, second] = orderFor(race);
      const jobId = await first.upload('bash', 'sleep 0.03; echo done');
      const execution = first.post<JobBody>(`/api/execute/${jobId}`, LONG);
      // Cancels between the start and the end of the program: each status request takes some milliseconds.
      for (let requests = 1 + (race % 25); requests > 0; requests -= 1) {
        while ((await second.status(jobId)).status === 'PENDING');
      }
      const cancels: ApiResponse<JobBody | ProblemBody>[] = await both((api) =>
        api.post(`/api/cancel/${jobId}`),
      );
      const { status, body: final } = await execution;
      outcomes.add(final.status);
      expect(status).toBe(200);
      expect(await both((api) => api.status(jobId))).toEqual([final, final]);
      const expected =
        final.status === 'CANCELLED'
          ? { status: 200, body: final }
          : { status: 409, body: { code: 'job-already-finished', current_status: 'SUCCESS' } };
      expect(cancels).toMatchObject([expected, expected]);
    }
    expect([...outcomes].sort()).toEqual(['CANCELLED', 'SUCCESS']);
  }, 120_000);

  it('respond consistently to a cancellation and an execution of a pending job at the same time', async () => {
    for (let race = 0; race < RACES; race += 1) {
      const [first, second] = orderFor(race);
      const jobId = await first.upload('bash', 'echo ran');
      const [cancel, execution] = await Promise.all([
        first.post<JobBody>(`/api/cancel/${jobId}`),
        second.post<JobBody>(`/api/execute/${jobId}`),
      ]);
      const final = execution.body;
      expect(execution).toMatchObject({ status: 200, body: { attempt: 1 } });
      expect(await both((api) => api.status(jobId))).toEqual([final, final]);
      // The cancellation came before the execution, stopped it, or came after it.
      const before = { status: 200, body: { ...CANCELLED, attempt: 0 } };
      const late = { status: 409, body: { code: 'job-already-finished', current_status: 'SUCCESS' } };
      if (final.status === 'CANCELLED') expect(cancel).toMatchObject({ status: 200, body: final });
      else expect(cancel).toMatchObject(cancel.status === 200 ? before : late);
    }
  }, 120_000);

  it('cancel a program that the other one started, and respond after all its processes have exited', async () => {
    const marker = createMarker();
    const code = `trap "" TERM; echo started; setsid sleep ${marker} & sleep ${marker}`;
    const jobId = await one.upload('bash', code);
    const execution = one.post<JobBody>(`/api/execute/${jobId}`, LONG);
    while (findProcesses(marker).length === 0) await one.get('/api/health/live');
    const response = await other.post<JobBody>(`/api/cancel/${jobId}`);
    expect(findLeftovers(marker)).toEqual([]);
    expect(response).toMatchObject({ status: 200, body: { ...CANCELLED, stdout: 'started\n' } });
    expect(await execution).toMatchObject({ status: 200, body: response.body });
  });

  it('cancel an execution of the other one before its engine has received it', async () => {
    const proxy = await FaultProxy.start(process.env['AWS_TEST_S3_URL'] ?? '');
    const slow = await startAwsGateways({ AWS_ENDPOINT_URL_S3: proxy.url, AWS_REQUEST_TIMEOUT: '500' });
    const [first, second] = slow.apis as [Api, Api];
    const marker = createMarker();
    const jobId = await first.upload('bash', `sleep ${marker}`);
    // The first read of the code gets no response, so that the execution waits for the timeout before its retry.
    proxy.selectFault = ({ name, attempt }) =>
      name === 'GET uploads' && attempt === 1 ? 'silent' : undefined;
    const execution = first.post<JobBody>(`/api/execute/${jobId}`, LONG);
    await second.waitForStatus(jobId, 'RUNNING');
    expect(await second.post(`/api/cancel/${jobId}`)).toMatchObject({ status: 200, body: CANCELLED });
    expect(await execution).toMatchObject({ status: 200, body: CANCELLED });
    expect(findLeftovers(marker)).toEqual([]);
    await slow.close();
    await proxy.close();
  });

  it('show that a client of the other one has disconnected', async () => {
    const marker = createMarker();
    const client = new AbortController();
    const jobId = await one.upload('bash', `echo started; sleep ${marker}`);
    const execution = one.request('POST', `/api/execute/${jobId}`, { signal: client.signal });
    while (findProcesses(marker).length === 0) await other.get('/api/health/live');
    client.abort();
    await expect(execution).rejects.toThrow();
    expect(await other.waitForStatus(jobId, 'CANCELLED')).toMatchObject({ stdout: 'started\n' });
    expect(findLeftovers(marker)).toEqual([]);
    expect(await other.execute(jobId, { timeout: 100 })).toMatchObject({ status: 'TIMEOUT', attempt: 2 });
  });
});
