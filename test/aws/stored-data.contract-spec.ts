import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { JobResponse, JobSummary } from '../../src/jobs/dto/job.response.dto';
import type { Job } from '../../src/jobs/job';
import { finishedState, restoredState } from '../../src/jobs/job-transitions';
import { DynamoIdempotencyRepository } from '../../src/storage/aws/dynamo-idempotency.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { DynamoWebhookRepository } from '../../src/storage/aws/dynamo-webhook.repository';
import { WEBHOOK_URL, storedItems, storedResponses } from '../fixtures/stored-data';
import type { JobBody } from '../support/api';
import { type Storage, createStorage } from './storage';

const NOT_LISTED = ['queue_position', 'stdout', 'stderr', 'compile', 'results'];
const FAR = '2999-01-01T00:00:00.000Z';

describe('A table with items that commit 9674d6a wrote', () => {
  const responses = storedResponses();
  let storage: Storage;
  let jobs: DynamoJobRepository;

  beforeAll(async () => {
    storage = await createStorage();
    const { settings, clients, calls } = storage;
    jobs = new DynamoJobRepository(settings, clients, calls);
    for (const item of storedItems())
      await clients.dynamo.send(new PutCommand({ TableName: settings.table, Item: unmarshall(item) }));
  });

  const getJob = async (name: string): Promise<Job> => {
    const job = await jobs.find(responses[name]?.job_id ?? '');
    if (!job) throw new Error(`There is no job ${name}`);
    return job;
  };
  const toResponse = (job: Job): JobResponse => JobResponse.from(job, logsUrl(job), null);
  const logsUrl = ({ jobId }: Job): string => `http://localhost:8000/api/jobs/${jobId}/logs`;

  it.each(Object.keys(responses))('has the job “%s” as that version returned it', async (name) => {
    // Only the queue knows the position.
    expect(toResponse(await getJob(name))).toEqual({ ...responses[name], queue_position: null });
  });

  it('lists every job, newest first, with all fields of a summary', async () => {
    const { jobs: page, nextAfter } = await jobs.list({ project: 'stored' }, 100, undefined);
    expect(page.map(({ functionName }) => functionName)).toEqual(Object.keys(responses).reverse());
    expect(nextAfter).toBeUndefined();
    for (const job of page) {
      const expected: Record<string, unknown> = { ...responses[job.functionName ?? ''] };
      for (const name of NOT_LISTED) Reflect.deleteProperty(expected, name);
      expect(JobSummary.from(job, logsUrl(job))).toEqual(expected);
    }
  });

  it('finds the executions whose lease expired, and the queued ones', async () => {
    const active = ['running-synchronously', 'running-asynchronously', 'queued', 'queued-with-inputs'];
    const ids = active.map((name) => responses[name]?.job_id);
    expect([...(await jobs.findDue(FAR, 100))].sort()).toEqual(ids.sort());
  });

  it('continues a running and a queued execution under the stored fencing token', async () => {
    const running = await getJob('running-asynchronously');
    // By the names in the type, so that a stored field that is renamed in the source is missing here.
    const { requestKey, tries, queuedAt, worker, callbackUrl } = running.dispatch ?? {};
    expect(requestKey).toMatch(/^requests\//);
    expect([tries, typeof queuedAt, typeof worker, callbackUrl]).toEqual([1, 'string', 'string', null]);
    const { attempt, fence, dueAt } = running;
    const guard = { statuses: ['RUNNING'], attempt, fence, dueAt } as const;
    const completion = { verdict: 'OK', outcome: null, hasLogs: false, errorMessage: null } as const;
    const finished = finishedState(running, completion, new Date().toISOString());
    const { jobId } = running;
    expect(await jobs.transition(jobId, guard, finished)).toMatchObject({ kind: 'changed' });

    const queued = await getJob('queued');
    const from = { statuses: ['QUEUED'], attempt: queued.attempt, fence: queued.fence } as const;
    expect(await jobs.transition(queued.jobId, from, restoredState(queued, queued))).toMatchObject({
      kind: 'changed',
      job: queued,
    });
  });

  it('has the responses of requests with an Idempotency-Key, and the plan of one without a response', async () => {
    const { settings, clients, calls } = storage;
    const repository = new DynamoIdempotencyRepository(settings, clients, calls);
    const statuses: (number | undefined)[] = [];
    for (const item of storedItems()) {
      const id = /^idempotency#(.*)$/.exec(item['job_id']?.S ?? '')?.[1];
      if (id === undefined) continue;
      const claim = {
        id,
        fingerprint: 'other',
        plan: {},
        response: null,
        createdAt: new Date().toISOString(),
      };
      const found = await repository.claim(claim);
      expect(found.fingerprint).toBe(item['fingerprint']?.S);
      expect(Object.keys(found.plan).length).toBeGreaterThan(0);
      if (found.response) expect(JSON.parse(found.response.body)).toHaveProperty('job_id');
      statuses.push(found.response?.status);
    }
    expect(statuses).toEqual([200, undefined, 202, 201]);
  });

  it('has the pending webhook, which can be postponed and removed', async () => {
    const { settings, clients, calls } = storage;
    const repository = new DynamoWebhookRepository(settings, clients, calls);
    const [webhook, ...others] = await repository.findDue(FAR, 10);
    expect(others).toEqual([]);
    const { job_id: jobId } = responses['webhook-pending'] ?? ({} as JobBody);
    expect(webhook).toMatchObject({ jobId, url: WEBHOOK_URL, tries: 2 });
    expect(JSON.parse(webhook?.body ?? '')).toMatchObject({ job_id: jobId, status: 'SUCCESS' });
    if (!webhook) return;
    expect(await repository.postpone(webhook, FAR, 3)).toBe(true);
    await repository.remove(webhook.id);
    expect(await repository.findDue(FAR, 10)).toEqual([]);
  });
});
