import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import type { ApiResponse, JobBody } from '../support/api';
import { findProcesses, waitUntilNoProcess } from '../support/processes';
import { startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';

const UPLOADERS = 8;
const UPLOADS_BEFORE_KILL = 60;

describe('SIGKILL of the service', () => {
  it('loses no acknowledged upload and leaves no incomplete one', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const first = await startServer({ DATA_DIR });
    const acknowledged = new Map<string, string>();
    let killed: Promise<unknown> | undefined;
    const uploading = Array.from({ length: UPLOADERS }, async (_, uploader) => {
      for (let n = 0; ; n += 1) {
        const code = `# ${uploader.toString()}.${n.toString()} ${'x'.repeat(20_000)}`;
        try {
          acknowledged.set(await first.api.upload('python', code), code);
        } catch {
          return; // the server was killed
        }
        if (acknowledged.size >= UPLOADS_BEFORE_KILL) killed ??= first.stop('SIGKILL');
      }
    });
    await Promise.all(uploading);
    await killed;

    const second = await startServer({ DATA_DIR });
    for (const [jobId, code] of acknowledged) {
      expect(await second.api.status(jobId)).toMatchObject({ job_id: jobId, status: 'PENDING' });
      expect((await second.api.get<string>(`/api/jobs/${jobId}/code`)).body).toBe(code);
    }
    const { body } = await second.api.get<{ jobs: JobBody[] }>('/api/jobs?limit=1000');
    const files = readdirSync(join(DATA_DIR, 'objects/uploads'));
    expect(files.map((file) => parse(file).name).sort()).toEqual(
      body.jobs.map(({ job_id }) => job_id).sort(),
    );
    await second.stop('SIGTERM');
  }, 60_000);

  it('ends the program, marks the job FAILED with the reason, and keeps the logs of earlier attempts', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const marker = `31536${Date.now().toString()}`;
    const first = await startServer({ DATA_DIR });
    const code = `import sys, subprocess\nprint("started", flush=True)\nif sys.stdin.read(): subprocess.run(["sleep", "${marker}"])`;
    const jobId = await first.api.upload('python', code);
    expect(await first.api.execute(jobId)).toMatchObject({ verdict: 'OK' });
    const cut = first.api.execute(jobId, { input: 'wait', timeout: 20_000 }).catch((error: unknown) => error);
    while (findProcesses(marker).length === 0) await first.api.get('/api/health/live');
    await first.stop('SIGKILL');
    await cut;
    await waitUntilNoProcess(marker);

    const second = await startServer({ DATA_DIR });
    expect(await second.api.status(jobId)).toMatchObject({
      status: 'FAILED',
      verdict: 'ENGINE_ERROR',
      attempt: 2,
      error_message: expect.stringContaining(
        'The process that ran this execution stopped responding.',
      ) as string,
    });
    expect((await second.api.get<string>(`/api/jobs/${jobId}/logs`)).body).toBe('started\n');
    expect(await second.api.execute(jobId)).toMatchObject({ verdict: 'OK', attempt: 3 });
    await second.stop('SIGTERM');
  }, 60_000);
});

describe('SIGKILL of a separate engine', () => {
  it('ends the program, fails the execution as an engine error, and the next engine serves the job', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const marker = `31537${Date.now().toString()}`;
    const engine = await startServer({}, 'engine/main.js');
    const port = new URL(engine.api.url).port;
    const gateway = await startServer({ DATA_DIR, EXECUTION_ENGINE_URL: engine.api.url });
    const jobId = await gateway.api.upload('bash', `if read -r; then sleep ${marker}; fi; echo done`);
    const execution = gateway.api.post(`/api/execute/${jobId}`, { input: 'wait\n', timeout: 20_000 });
    while (findProcesses(marker).length < 1) await gateway.api.get('/api/health/live');
    await engine.stop('SIGKILL');
    const response: ApiResponse = await execution;
    expect(response).toMatchObject({
      status: 502,
      body: { code: expect.stringMatching(/^engine-(error|unavailable)$/) as string },
    });
    await waitUntilNoProcess(marker);
    expect(await gateway.api.status(jobId)).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
    expect((await gateway.api.get('/api/health')).status).toBe(503);
    expect(await gateway.api.post(`/api/execute/${jobId}`)).toMatchObject({
      status: 502,
      body: { code: 'engine-unavailable' },
    });

    const next = await startServer({ ENGINE_PORT: port }, 'engine/main.js');
    expect(await gateway.api.execute(jobId)).toMatchObject({ verdict: 'OK', stdout: 'done\n' });
    await gateway.stop('SIGTERM');
    await next.stop('SIGTERM');
  }, 60_000);
});
