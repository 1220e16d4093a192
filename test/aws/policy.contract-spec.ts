import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Webhook } from '../../src/jobs/webhook.repository';
import type { Delivery } from '../../src/jobs/execution.queue';
import type { IdempotencyRecord } from '../../src/jobs/idempotency.repository';
import type { Job } from '../../src/jobs/job';
import { createS3Client } from '../../src/storage/aws/aws-clients';
import { DynamoWebhookRepository } from '../../src/storage/aws/dynamo-webhook.repository';
import { DynamoIdempotencyRepository } from '../../src/storage/aws/dynamo-idempotency.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { S3ObjectStore } from '../../src/storage/aws/s3-object.store';
import { S3LogRepository } from '../../src/storage/aws/s3-log.repository';
import { SqsExecutionQueue } from '../../src/storage/aws/sqs-execution.queue';
import { newWebhook } from '../contract/webhook.repository.suite';
import { neverAborted, newMessage } from '../contract/execution.queue.suite';
import { newRecord } from '../contract/idempotency.repository.suite';
import { finishedState, newJob, running } from '../contract/job.fixture';
import { type AllowStatement, type IamStorage, createIamStorage } from './iam-storage';
import { type Statement, readTemplate } from './template';

const CHUNKS = [{ seq: 0, tMs: 1, stream: 'stdout', data: 'hello\n' }] as const;
/** Each permission, and the calls that are denied without it. */
const NEEDED = {
  's3:PutObject uploads/*': ['code.put', 'code.put again'],
  's3:PutObject logs/*': ['logs.put'],
  's3:PutObject requests/*': ['requests.put'],
  's3:GetObject uploads/*': ['code.put again', 'code.get'],
  's3:GetObject logs/*': ['logs.get', 'logs.get of a missing log'],
  's3:GetObject requests/*': ['requests.get'],
  's3:DeleteObject uploads/*': ['code.delete'],
  's3:DeleteObject requests/*': ['requests.delete'],
  's3:ListBucket bucket': ['code.ping', 'logs.get of a missing log'],
  'dynamodb:PutItem table': [
    'jobs.create',
    'jobs.create again',
    'keys.claim',
    'keys.complete',
    'webhooks.create',
  ],
  'dynamodb:GetItem table': ['jobs.find', 'jobs.ping', 'webhooks.findDue'],
  'dynamodb:UpdateItem table': [
    'jobs.transition',
    'jobs.transition in conflict',
    'jobs.updateFields',
    'keys.release',
    'webhooks.postpone',
  ],
  'dynamodb:DeleteItem table': ['webhooks.remove'],
  'dynamodb:Query table/index/jobs_by_bucket': ['jobs.list', 'jobs.ping'],
  'dynamodb:Query table/index/due_by_bucket': ['jobs.findDue', 'jobs.ping', 'webhooks.findDue'],
  'sqs:SendMessage queue': ['queue.send'],
  'sqs:ReceiveMessage queue': ['queue.receive'],
  'sqs:ChangeMessageVisibility queue': ['delivery.giveBack'],
  'sqs:DeleteMessage queue': ['delivery.accept'],
  'sqs:GetQueueAttributes queue': ['queue.ping'],
  'sqs:GetQueueUrl queue': [
    'queue.send',
    'queue.receive',
    'delivery.giveBack',
    'delivery.accept',
    'queue.ping',
  ],
};

interface Prepared {
  readonly job: Job;
  readonly fresh: Job;
  readonly deliveries: readonly Delivery[];
  readonly record: IdempotencyRecord;
  readonly webhook: Webhook;
}

const requestOf = ({ jobId }: Job): string => `requests/${jobId}/1.json`;

describe('the gateway policy of deploy/cloudformation.yaml', () => {
  let iamStorage: IamStorage;
  let statements: AllowStatement[] = [];
  let jobs: DynamoJobRepository;
  let code: S3ObjectStore;
  let logs: S3LogRepository;
  let queue: SqsExecutionQueue;
  let keys: DynamoIdempotencyRepository;
  let webhooks: DynamoWebhookRepository;
  beforeAll(async () => {
    iamStorage = await createIamStorage(`test-${randomUUID()}`);
    statements = singleStatements(iamStorage);
    const { settings, clients, calls } = iamStorage.storage;
    jobs = new DynamoJobRepository(settings, clients, calls);
    code = new S3ObjectStore(settings, clients, calls);
    logs = new S3LogRepository(settings, clients, calls);
    queue = new SqsExecutionQueue(settings, clients, calls);
    keys = new DynamoIdempotencyRepository(settings, clients, calls);
    webhooks = new DynamoWebhookRepository(settings, clients, calls);
  });
  afterAll(async () => {
    logs.onApplicationShutdown();
    await queue.onApplicationShutdown();
  });

  /** Stores the data that the calls work on. */
  async function prepare(): Promise<Prepared> {
    await iamStorage.allow(statements);
    const [job, fresh] = [newJob(), newJob()];
    await jobs.create(job);
    await code.put(job.s3Key, 'print(1)', job.language);
    await code.put(requestOf(job), '{}', 'json');
    await logs.put(job.jobId, 1, CHUNKS);
    for (let count = 0; count < 3; count += 1) await queue.send(newMessage());
    const deliveries = await queue.receive(2, neverAborted());
    const [record, webhook] = [newRecord(), newWebhook()];
    await keys.claim(record);
    await webhooks.create(webhook);
    return { job, fresh, deliveries, record, webhook };
  }

  /** Every method of every port. */
  function everyCall(data: Prepared): Record<string, () => Promise<unknown>> {
    const { job, fresh, deliveries, record, webhook } = data;
    const from = { statuses: ['PENDING'], attempt: 0 } as const;
    const now = new Date().toISOString();
    return {
      'jobs.create': () => jobs.create(fresh),
      'jobs.create again': () => jobs.create(job),
      'jobs.find': () => jobs.find(job.jobId),
      'jobs.transition': () => jobs.transition(job.jobId, from, running(job)),
      'jobs.transition in conflict': () => jobs.transition(job.jobId, from, finishedState()),
      'jobs.updateFields': () => jobs.updateFields(job.jobId, from, { dueAt: null }),
      'jobs.list': () => jobs.list({ project: 'p' }, 10, undefined),
      'jobs.findDue': () => jobs.findDue(now, 10),
      'jobs.ping': () => jobs.ping(),
      'code.put': () => code.put(fresh.s3Key, 'print(2)', fresh.language),
      'code.put again': () => code.put(job.s3Key, 'print(1)', job.language),
      'code.get': () => code.get(job.s3Key),
      'code.delete': () => code.delete(fresh.s3Key),
      'code.ping': () => code.ping(),
      'requests.put': () => code.put(requestOf(fresh), '{}', 'json'),
      'requests.get': () => code.get(requestOf(job)),
      'requests.delete': () => code.delete(requestOf(job)),
      'logs.put': () => logs.put(fresh.jobId, 1, CHUNKS),
      'logs.get': async () => {
        for await (const _ of (await logs.get(job.jobId, 1)) ?? []);
      },
      'logs.get of a missing log': () => logs.get(job.jobId, 2),
      'queue.send': () => queue.send(newMessage()),
      'queue.receive': () => queue.receive(1, neverAborted()),
      'delivery.giveBack': () => deliveries[0]?.release(0) ?? Promise.reject(new Error('no delivery')),
      'delivery.accept': () => deliveries[1]?.acknowledge() ?? Promise.reject(new Error('no delivery')),
      'queue.ping': () => queue.ping(),
      'keys.claim': () => keys.claim(newRecord()),
      'keys.complete': () => keys.complete(record, { status: 200, headers: {}, body: '' }),
      'keys.release': () => keys.release(newRecord()),
      'webhooks.create': () => webhooks.create(newWebhook()),
      'webhooks.findDue': () => webhooks.findDue(now, 10),
      'webhooks.postpone': () => webhooks.postpone(webhook, now, 1),
      'webhooks.remove': () => webhooks.remove(webhook.id),
    };
  }

  /** @returns the calls that fail with this policy; each must fail because access is denied */
  async function findDeniedCalls(policy: readonly AllowStatement[]): Promise<string[]> {
    const calls = everyCall(await prepare());
    await iamStorage.allow(policy);
    const denied: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      // The adapter looks up the URL only once.
      queue['queueUrl'] = undefined;
      const error: unknown = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      expect([name, error]).toMatchObject([
        name,
        { explanation: expect.stringMatching(/denies access/) as string },
      ]);
      denied.push(name);
    }
    return denied;
  }

  it('allows every call of a gateway', async () => {
    expect(await findDeniedCalls(statements)).toEqual([]);
  });

  it('grants no other permissions', () => {
    expect(statements.map((statement) => permissionName(statement, iamStorage)).sort()).toEqual(
      Object.keys(NEEDED).sort(),
    );
  });

  it.each(Object.entries(NEEDED))('needs %s', async (name, calls) => {
    const others = statements.filter((statement) => permissionName(statement, iamStorage) !== name);
    expect(await findDeniedCalls(others)).toEqual(calls);
  });

  it('does not allow the deletion of logs', async () => {
    const { job } = await prepare();
    const { settings } = iamStorage.storage;
    const s3 = createS3Client(settings);
    const deletion = new DeleteObjectCommand({ Bucket: settings.bucket, Key: `logs/${job.jobId}/1.ndjson` });
    await expect(s3.send(deletion)).rejects.toMatchObject({ name: 'AccessDenied' });
    s3.destroy();
  });
});

/** @returns one statement for each action on each resource */
function singleStatements(iamStorage: IamStorage): AllowStatement[] {
  const { Statement = [] } = readTemplate().Resources['GatewayPolicy']?.Properties.PolicyDocument ?? {};
  return Statement.flatMap(({ Action, Resource }: Statement) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().map((resource): AllowStatement => ({
        Effect: 'Allow',
        Action: [action],
        Resource: [resolved(resource, iamStorage)],
      })),
    ),
  );
}

/** Resolves `!GetAtt Bucket.Arn` and `!Sub '${Bucket.Arn}/...'` as CloudFormation does. */
function resolved(resource: unknown, { bucketArn, tableArn, queueArn }: IamStorage): string {
  const arns: Readonly<Record<string, string>> = {
    'Bucket.Arn': bucketArn,
    'Table.Arn': tableArn,
    'Queue.Arn': queueArn,
  };
  const { 'Fn::GetAtt': attribute = [], 'Fn::Sub': text } = resource as {
    'Fn::GetAtt'?: string[];
    'Fn::Sub'?: string;
  };
  const template = text ?? `\${${attribute.join('.')}}`;
  return template.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    const arn = arns[name];
    if (arn === undefined) throw new Error(`The policy refers to the unknown resource ${name}`);
    return arn;
  });
}

function permissionName(
  { Action, Resource }: AllowStatement,
  { bucketArn, tableArn, queueArn }: IamStorage,
): string {
  const resource = Resource.join()
    .replace(`${bucketArn}/`, '')
    .replace(bucketArn, 'bucket')
    .replace(tableArn, 'table')
    .replace(queueArn, 'queue');
  return `${Action.join()} ${resource}`;
}
