import { randomUUID } from 'node:crypto';
import { AwsBootstrap } from '../../src/storage/aws/provisioning/aws-bootstrap';
import { LIST_INDEX } from '../../src/storage/aws/table';
import { awsSettings } from '../support/aws';
import { startAndFail, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { createOlderTable, provisionStorage, newClients, storageSettings } from './storage';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const HELLO = { language: 'bash', code: 'echo hello' };

const environmentOf = (name: string, more: Record<string, string> = {}): Record<string, string> => ({
  ...awsSettings(name),
  ...CREDENTIALS,
  DATA_DIR: createTemporaryDirectory(),
  AWS_BOOTSTRAP: 'false',
  ...more,
});

/** @returns the sorted messages of level error: one for each unavailable storage service */
const errorsOf = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .filter(({ level }) => level >= 50)
    .map(({ msg }) => msg)
    .sort();

describe('a gateway that starts', () => {
  it('without bucket, table and queue logs each of them, and works as soon as they exist', async () => {
    const name = `test-${randomUUID()}`;
    const server = await startServer(environmentOf(name));
    const [dynamo, s3, sqs, ...others] = errorsOf(server.lines);
    expect(others).toEqual([]);
    expect(dynamo).toContain(`DynamoDB has no such table. Expected the table ${name} (AWS_DYNAMODB_TABLE)`);
    expect(s3).toContain(`S3 has no such bucket. Expected the bucket ${name} (AWS_S3_BUCKET)`);
    expect(sqs).toContain(`SQS has no such queue. Expected the queue ${name} (AWS_SQS_QUEUE)`);
    for (const line of [dynamo, s3, sqs]) expect(line).toContain('deploy/cloudformation.yaml');
    expect(await server.api.post('/api/upload', HELLO)).toMatchObject({
      status: 503,
      body: { code: 'storage-unavailable' },
    });
    expect(await server.api.get('/api/health')).toMatchObject({
      status: 503,
      body: {
        error: {
          s3: { message: 'S3 has no such bucket.' },
          dynamodb: { message: 'DynamoDB has no such table.' },
          sqs: { message: 'SQS has no such queue.' },
        },
      },
    });
    await provisionStorage(storageSettings(name));
    expect(await server.api.get('/api/health')).toMatchObject({ status: 200 });
    expect(await server.api.run('bash', 'echo hello')).toMatchObject({ stdout: 'hello\n' });
    await server.stop('SIGTERM');
  });

  it('with an older table logs the missing index', async () => {
    const name = `test-${randomUUID()}`;
    const clients = newClients(storageSettings(name));
    const bootstrap = new AwsBootstrap(storageSettings(name), clients);
    await Promise.all([bootstrap.run('S3'), bootstrap.run('SQS')]);
    await createOlderTable(clients.dynamo, name, [LIST_INDEX]);
    const server = await startServer(environmentOf(name));
    const [dynamo, ...others] = errorsOf(server.lines);
    expect(others).toEqual([]);
    expect(dynamo).toContain('The DynamoDB table lacks one of its indexes. Expected the table');
    expect(dynamo).toMatch(/Update it with deploy\/cloudformation\.yaml.*due_by_bucket/);
    await server.stop('SIGTERM');
  });

  it('with an unreachable endpoint logs its address, and is live but not ready', async () => {
    const nowhere = 'http://127.0.0.1:1';
    const server = await startServer(
      environmentOf('test-nowhere', {
        AWS_ENDPOINT_URL_S3: '',
        AWS_ENDPOINT_URL_DYNAMODB: '',
        AWS_ENDPOINT_URL_SQS: '',
        AWS_ENDPOINT_URL: nowhere,
      }),
    );
    const [dynamo, s3, sqs, ...others] = errorsOf(server.lines);
    expect(others).toEqual([]);
    expect(dynamo).toMatch(/^DynamoDB cannot be reached\. .* at http:\/\/127\.0\.0\.1:1\. .*ECONNREFUSED/);
    expect(s3).toMatch(/^S3 cannot be reached\. .* at http:\/\/127\.0\.0\.1:1\. .*ECONNREFUSED/);
    expect(sqs).toMatch(/^SQS cannot be reached\. .* at http:\/\/127\.0\.0\.1:1\. .*ECONNREFUSED/);
    expect((await server.api.get('/api/health/live')).status).toBe(200);
    expect((await server.api.get('/api/health/ready')).status).toBe(503);
    await server.stop('SIGTERM');
  });

  it('with AWS_BOOTSTRAP creates its storage and logs no errors', async () => {
    const server = await startServer(
      environmentOf(`test-${randomUUID()}`, { AWS_BOOTSTRAP: 'true', ENVIRONMENT: 'development' }),
    );
    expect(errorsOf(server.lines)).toEqual([]);
    expect(await server.api.get('/api/health/ready')).toMatchObject({ status: 200 });
    await server.stop('SIGTERM');
  });

  it.each(['production', 'staging'])('with AWS_BOOTSTRAP in %s exits with an error', async (ENVIRONMENT) => {
    const { code, output } = await startAndFail(
      environmentOf('test-refused', { AWS_BOOTSTRAP: 'true', ENVIRONMENT }),
    );
    expect(code).toBe(1);
    expect(output).toContain(`AWS_BOOTSTRAP: must not be true in ${ENVIRONMENT}`);
  });
});
