import { createHmac, randomUUID } from 'node:crypto';
import type { JobState } from '../src/jobs/job';
import { stateOf } from '../src/jobs/job-transitions';
import { JobRepository } from '../src/jobs/job.repository';
import { newJob } from './contract/job.fixture';
import { enqueue } from './support/async';
import { describeEachDeployment } from './support/each-deployment';
import type { Api, JobBody, ProblemBody } from './support/api';
import { startGateway } from './support/gateway';
import { type ReceivedCall, Receiver } from './support/receiver';

/** Seconds since the epoch, before any webhook of this suite is signed. */
const STARTED_AT_S = Math.floor(Date.now() / 1000);

const KEY = Buffer.from('a secret of thirty-two bytes ...');
const SECRET = `whsec_${KEY.toString('base64')}`;

// The lease also sets the interval at which the reconciler looks for due webhooks.
describeEachDeployment(
  { CALLBACK_SECRET: SECRET, CALLBACK_PRIVATE_ADDRESSES: 'true', EXECUTION_LEASE: '1500' },
  (gateway) => {
    let api: Api;
    let receiver: Receiver;
    let url: string;
    /** Statuses of the next responses; 200 when the list is empty. */
    let statuses: number[] = [];

    beforeAll(() => {
      ({ api } = gateway());
    });
    beforeEach(async () => {
      statuses = [];
      receiver = await Receiver.listen((_request, response) =>
        response.writeHead(statuses.shift() ?? 200).end(),
      );
      url = receiver.url('/done?token=1');
    });
    afterEach(() => receiver.close());

    function expectSigned({ headers, body }: ReceivedCall): void {
      const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
      const mac = createHmac('sha256', KEY)
        .update(`${String(id)}.${String(timestamp)}.${body}`)
        .digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${mac}`);
      expect(Number(timestamp)).toBeGreaterThanOrEqual(STARTED_AT_S);
      expect(Number(timestamp)).toBeLessThanOrEqual(Date.now() / 1000);
    }

    it('sends a webhook for an asynchronous execution, with the job as the API returns it', async () => {
      const jobId = await api.upload('bash', 'echo done');
      await enqueue(api, jobId, { callback_url: url });
      await receiver.called(1);
      const [call] = receiver.calls as [ReceivedCall];
      expectSigned(call);
      expect(call.headers['content-type']).toContain('application/json');
      expect(JSON.parse(call.body)).toEqual(await api.status(jobId));
      expect(JSON.parse(call.body)).toMatchObject({ job_id: jobId, status: 'SUCCESS', stdout: 'done\n' });
    });

    it('sends webhooks for synchronous and for cancelled executions', async () => {
      const jobId = await api.upload('bash', 'read -r line && sleep 1000; exit 4');
      const job = await api.execute(jobId, { callback_url: url });
      await receiver.called(1);
      expect(JSON.parse(receiver.calls[0]?.body ?? '')).toEqual(job);
      await enqueue(api, jobId, { callback_url: url, input: 'wait\n' });
      const { body: cancelled } = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(cancelled.status).toBe('CANCELLED');
      await receiver.called(2);
      expect(JSON.parse(receiver.calls[1]?.body ?? '')).toEqual(cancelled);
      expect(receiver.calls[1]?.headers['webhook-id']).not.toBe(receiver.calls[0]?.headers['webhook-id']);
    });

    it('retries a webhook with the same id until the receiver accepts it', async () => {
      statuses = [500, 302];
      const jobId = await api.upload('bash', 'echo done');
      await api.execute(jobId, { callback_url: url });
      await receiver.called(3);
      for (const call of receiver.calls) expectSigned(call);
      expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(receiver.calls.map(({ body }) => body)).size).toBe(1);
    });

    it('loses no webhook when the job is executed again at once', async () => {
      const jobId = await api.upload('bash', 'echo done');
      for (let attempt = 1; attempt <= 4; attempt += 1) await api.execute(jobId, { callback_url: url });
      await receiver.called(4);
      expect(receiver.calls.map(({ body }) => (JSON.parse(body) as JobBody).attempt).sort()).toEqual([
        1, 2, 3, 4,
      ]);
    });

    it('creates a pending webhook before the job is executed again', async () => {
      const jobId = await api.upload('bash', 'echo done');
      const repository = gateway().app.get(JobRepository, { strict: false });
      const dispatch = { requestKey: null, tries: 1, queuedAt: null, worker: null, callbackUrl: url };
      const ended: JobState = {
        ...stateOf(newJob()),
        status: 'SUCCESS',
        verdict: 'OK',
        attempt: 1,
        executionId: randomUUID(),

        // So late that the reconciler does not find it during the test.
        dispatch,
        dueAt: '2999-01-01T00:00:00.000Z',
      };
      const from = { statuses: ['PENDING'], attempt: 0 } as const;
      expect(await repository.transition(jobId, from, ended)).toMatchObject({ kind: 'changed' });
      expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 2 });
      await receiver.called(1);
      expect(receiver.calls[0]?.headers['webhook-id']).toBe(ended.executionId);
      expect(JSON.parse(receiver.calls[0]?.body ?? '')).toMatchObject({ job_id: jobId, attempt: 1 });
    });
  },
);

describe('A callback_url', () => {
  it('is rejected if no webhook could be sent to it, and nothing is executed', async () => {
    const gateway = await startGateway({ CALLBACK_SECRET: SECRET });
    const jobId = await gateway.api.upload('bash', 'echo');
    const targets = [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '[::1]',
      '[::ffff:192.168.0.1]',
      '0x7f.1',
      '2130706433',
    ];
    for (const callback_url of [
      ...targets.map((host) => `http://${host}/`),
      'ftp://example.com',
      '/x',
      'http://u:p@example.com',
    ]) {
      const response = await gateway.api.post<ProblemBody>(`/api/execute/${jobId}`, { callback_url });
      expect([callback_url, response.status, response.body.errors?.map(({ field }) => field)]).toEqual([
        callback_url,
        400,
        ['callback_url'],
      ]);
    }
    expect(await gateway.api.status(jobId)).toMatchObject({ status: 'PENDING' });
    await gateway.close();
  });

  it('is rejected by a service without CALLBACK_SECRET', async () => {
    const gateway = await startGateway();
    const jobId = await gateway.api.upload('bash', 'echo');
    const response = await gateway.api.post<ProblemBody>(`/api/execute/${jobId}`, {
      callback_url: 'https://example.com/',
    });
    expect(response).toMatchObject({ status: 400, body: { errors: [{ field: 'callback_url' }] } });
    expect(response.body.errors?.[0]?.message).toContain('CALLBACK_SECRET');
    await gateway.close();
  });
});
