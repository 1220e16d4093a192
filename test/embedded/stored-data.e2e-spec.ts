import { restoreDataDirectory, storedFile, storedResponses } from '../fixtures/stored-data';
import { Api, type ApiResponse, type JobBody } from '../support/api';
import { type Application, listenGateway } from '../support/applications';
import { Receiver } from '../support/receiver';
import { createTemporaryDirectory } from '../support/temporary-directory';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const FINISHED = [
  'success',
  'nonzero-exit',
  'signalled',
  'timeout',
  'compile-error',
  'inputs',
  'executed-twice',
  'cancelled',
  'cancelled-before-execution',
  'webhook-pending',
];

describe('A gateway on a data directory that commit 9674d6a wrote', () => {
  const responses = storedResponses();
  let receiver: Receiver;
  let gateway: Application;
  let api: Api;

  const idOf = (name: string): string => responses[name]?.job_id ?? '';

  beforeAll(async () => {
    receiver = await Receiver.listen();
    const dataDir = createTemporaryDirectory();
    restoreDataDirectory(dataDir, receiver.url('/done'));
    gateway = await listenGateway({
      DATA_DIR: dataDir,
      CALLBACK_SECRET: SECRET,
      CALLBACK_PRIVATE_ADDRESSES: 'true',
    });
    api = new Api(gateway.url);
  });
  afterAll(async () => {
    await gateway.close();
    await receiver.close();
  });

  /** As the fixture has it, with the address of this gateway. */
  const expectedBody = (name: string): object => {
    const { logs_url: logsUrl, ...body } = responses[name] ?? ({} as JobBody);
    return { ...body, logs_url: logsUrl?.replace('http://localhost:8000', gateway.url) ?? null };
  };

  const repeat = (path: string, key: string, body: object, headers = {}): Promise<ApiResponse<JobBody>> =>
    api.request('POST', path, {
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body: JSON.stringify(body),
    });

  it.each(['uploaded-with-key', ...FINISHED])('returns the job “%s” as that version did', async (name) => {
    expect(await api.status(idOf(name))).toEqual(expectedBody(name));
  });

  it('lists every job, newest first', async () => {
    const { body } = await api.get<{ jobs: JobBody[] }>('/api/jobs?project=stored');
    expect(body.jobs.map(({ function_name: name }) => name)).toEqual(Object.keys(responses).reverse());
  });

  it('returns the code of every job', async () => {
    for (const { job_id: jobId, s3_key: key } of Object.values(responses)) {
      const { body } = await api.get<string>(`/api/jobs/${jobId}/code`);
      expect(body).toBe(storedFile(key as string));
    }
  });

  it.each(FINISHED.filter((name) => name !== 'cancelled-before-execution'))(
    'returns the logs of the job “%s”',
    async (name) => {
      const { attempt, job_id: jobId } = responses[name] ?? ({} as JobBody);
      const { body } = await api.get<string>(`/api/jobs/${jobId}/logs`, { accept: 'application/x-ndjson' });
      expect(body).toBe(storedFile(`logs/${jobId}/${attempt.toString()}.ndjson`));
    },
  );

  it('returns the logs of an earlier attempt', async () => {
    const { body } = await api.get<string>(`/api/jobs/${idOf('executed-twice')}/logs?attempt=1`);
    expect(body).toBe('run\n');
  });

  it('executes a pending job, and executes a finished job again', async () => {
    expect(await api.execute(idOf('pending'))).toMatchObject({ stdout: 'pending\n', attempt: 1 });
    expect(await api.execute(idOf('executed-twice'), { input: '0' })).toMatchObject({
      verdict: 'OK',
      attempt: 3,
    });
  });

  it('executes a queued job with its stored request', async () => {
    expect(await api.waitForStatus(idOf('queued'), 'SUCCESS')).toMatchObject({
      stdout: 'hello queue\n',
      attempt: 1,
    });
    const job = await api.waitForStatus(idOf('queued-with-inputs'), 'SUCCESS');
    expect(job['results']).toMatchObject([{ stdout: '2\n' }, { stdout: '4\n' }]);
  });

  it('executes an asynchronous job again that was running when the process was killed', async () => {
    const job = await api.waitForStatus(idOf('running-asynchronously'), 'SUCCESS');
    expect(job).toMatchObject({ stdout: 'started\nfinished\n', attempt: 2 });
  });

  it('fails a synchronous job that was running when the process was killed', async () => {
    const job = await api.waitForStatus(idOf('running-synchronously'), 'FAILED');
    expect(job).toMatchObject({ verdict: 'ENGINE_ERROR', attempt: 1 });
  });

  it('delivers the webhook that was pending, and the one of a queued execution', async () => {
    await receiver.called(2);
    const bodies = receiver.calls.map(({ body }) => JSON.parse(body) as JobBody);
    expect(bodies.map(({ function_name: name }) => name).sort()).toEqual(['queued', 'webhook-pending']);
    const pending = bodies.find(({ function_name: name }) => name === 'webhook-pending');
    expect(pending).toMatchObject({ status: 'SUCCESS', stdout: 'done\n' });
  });

  it('repeats the responses of requests with an Idempotency-Key, and changes nothing', async () => {
    const execution = await repeat(`/api/execute/${idOf('success')}`, 'answered', { input: 'hello' });
    expect([execution.status, execution.body.attempt]).toEqual([200, 1]);
    expect(execution.body).toMatchObject({ job_id: idOf('success'), stdout: 'out: hello\n' });

    const request = { input: 'queue', callback_url: 'http://127.0.0.1:9/done' };
    const queued = await repeat(`/api/execute/${idOf('queued')}`, 'queued', request, {
      prefer: 'respond-async',
    });
    expect([queued.status, queued.body]).toMatchObject([202, { job_id: idOf('queued'), status: 'QUEUED' }]);

    const upload = await repeat('/api/upload', 'upload', {
      language: 'python',
      code: 'print(1)',
      function_name: 'uploaded-with-key',
      project: 'stored',
    });
    expect([upload.status, upload.body.job_id]).toEqual([201, idOf('uploaded-with-key')]);
  });

  it('rejects another request under a stored Idempotency-Key', async () => {
    const { status, body } = await repeat(`/api/execute/${idOf('success')}`, 'answered', { input: 'other' });
    expect([status, body['code']]).toEqual([422, 'idempotency-key-reused']);
  });

  it('does not execute a request again whose stored key has no response yet', async () => {
    const { body } = await repeat(`/api/execute/${idOf('running-synchronously')}`, 'unanswered', {
      timeout: 20_000,
    });
    expect(body).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 });
  });
});
