import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteJobRepository } from '../../src/storage/embedded/sqlite-job.repository';
import type { JobBody } from '../support/api';
import { type Gateway, startGateway } from '../support/gateway';

const UNAVAILABLE = { status: 503, body: { code: 'storage-unavailable' } };

/** Replaces a directory with a file until the returned function is called. */
function block(directory: string): () => void {
  renameSync(directory, `${directory}.away`);
  writeFileSync(directory, '');
  return () => {
    rmSync(directory);
    renameSync(`${directory}.away`, directory);
  };
}

describe('a storage that stops working', () => {
  let gateway: Gateway;
  beforeEach(async () => {
    gateway = await startGateway();
  });
  afterEach(() => gateway.close());

  it('creates no job for an upload whose code cannot be stored', async () => {
    const { api, dataDir } = gateway;
    const repair = block(join(dataDir, 'objects/uploads'));
    expect(await api.post('/api/upload', { language: 'bash', code: 'echo' })).toMatchObject(UNAVAILABLE);
    expect((await api.get<{ jobs: JobBody[] }>('/api/jobs')).body.jobs).toEqual([]);
    repair();
    expect(await api.run('bash', 'echo again')).toMatchObject({ verdict: 'OK', stdout: 'again\n' });
  });

  it('leaves no code of an upload whose job cannot be stored, and health names the failed part', async () => {
    const { api, app, dataDir } = gateway;
    const db = app.get(SqliteJobRepository)['db'];
    db.exec('ALTER TABLE jobs RENAME TO jobs_away');
    expect(await api.post('/api/upload', { language: 'bash', code: 'echo' })).toMatchObject(UNAVAILABLE);
    expect(readdirSync(join(dataDir, 'objects/uploads'))).toEqual([]);
    expect(await api.get('/api/health')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { storage: { status: 'down' } }, info: { engine: { status: 'up' } } },
    });
    expect((await api.get('/api/health/live')).status).toBe(200);
    db.exec('ALTER TABLE jobs_away RENAME TO jobs');
    expect((await api.get('/api/health')).status).toBe(200);
    expect(await api.run('bash', 'echo again')).toMatchObject({ verdict: 'OK' });
  });

  it('reports an execution whose code cannot be read as a failure of the service, and can repeat it', async () => {
    const { api, dataDir } = gateway;
    const jobId = await api.upload('bash', 'echo ran');
    const repair = block(join(dataDir, 'objects/uploads'));
    expect(await api.post(`/api/execute/${jobId}`)).toMatchObject(UNAVAILABLE);
    expect(await api.status(jobId)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 1 });
    repair();
    expect(await api.execute(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 2, stdout: 'ran\n' });
  });

  it('stores an outcome as soon as the storage works again, so that the job does not stay RUNNING', async () => {
    const { api, app } = gateway;
    const jobId = await api.upload('bash', 'sleep 0.3; echo ran');
    const db = app.get(SqliteJobRepository)['db'];
    const execution = api.post(`/api/execute/${jobId}`);
    await api.waitForStatus(jobId, 'RUNNING');
    db.exec('ALTER TABLE jobs RENAME TO jobs_away');
    expect(await execution).toMatchObject(UNAVAILABLE);
    db.exec('ALTER TABLE jobs_away RENAME TO jobs');
    expect(await api.waitForStatus(jobId, 'SUCCESS')).toMatchObject({ attempt: 1, stdout: 'ran\n' });
    expect((await api.get(`/api/jobs/${jobId}/logs`)).body).toBe('ran\n');
  });

  it('returns no logs_url for an execution whose logs cannot be stored', async () => {
    const { api, dataDir } = gateway;
    const jobId = await api.upload('bash', 'echo ran');
    await api.execute(jobId);
    const repair = block(join(dataDir, 'objects/logs'));
    expect(await api.post(`/api/execute/${jobId}`)).toMatchObject(UNAVAILABLE);
    expect(await api.status(jobId)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR', attempt: 2 });
    repair();
    expect((await api.get(`/api/jobs/${jobId}/logs`)).body).toBe('ran\n');
    expect(await api.get(`/api/jobs/${jobId}/logs?attempt=2`)).toMatchObject({ status: 404 });
  });
});
