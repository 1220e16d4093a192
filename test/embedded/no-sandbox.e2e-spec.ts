import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { JobBody } from '../support/api';
import { startServer } from '../support/server-process';
import { findProcesses, waitUntilNoProcess } from '../support/processes';
import { createTemporaryDirectory } from '../support/temporary-directory';

/** A search path without bubblewrap. */
function pathWithoutBubblewrap(): string {
  const directory = createTemporaryDirectory();
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  // If the service runs as root, its programs run as another user, who needs access to this directory.
  chmodSync(directory, 0o755);
  for (const name of ['python3', 'perl', 'bash', 'gcc']) symlinkSync(join('/usr/bin', name), join(bin, name));
  return bin;
}

describe('without bubblewrap', () => {
  it('falls back to `process` on loopback in development, with a warning at start-up, in health and in languages', async () => {
    const server = await startServer({
      DATA_DIR: createTemporaryDirectory(),
      ENGINE_PATH: pathWithoutBubblewrap(),
    });
    const warning = /WITHOUT ISOLATION.*bubblewrap is not installed.*install/i;
    expect(server.lines.filter((line) => warning.test(line))).toHaveLength(1);
    const health = await server.api.get<{ details: { engine: Record<string, unknown> } }>('/api/health');
    expect(health.status).toBe(200);
    expect(health.body.details.engine).toMatchObject({
      isolation: 'process',
      warning: expect.stringMatching(warning) as string,
    });
    const languages =
      await server.api.get<{ id: string; available: boolean; warning: string }[]>('/api/languages');
    expect(languages.body.find(({ id }) => id === 'python')).toMatchObject({
      available: true,
      warning: expect.stringMatching(warning) as string,
    });
    expect(languages.body.find(({ id }) => id === 'ruby')).toMatchObject({ available: false, version: null });
    expect(await server.api.run('python', 'print("hello")')).toMatchObject({
      verdict: 'OK',
      stdout: 'hello\n',
    });
    await server.stop('SIGTERM');
  }, 60_000);

  it('still enforces limits and ends the whole process tree', async () => {
    const server = await startServer({
      DATA_DIR: createTemporaryDirectory(),
      ENGINE_PATH: pathWithoutBubblewrap(),
    });
    const marker = `31540${Date.now().toString()}`;
    const orphans = `setsid sleep ${marker} & (sleep ${marker} &) ; echo started; sleep ${marker}`;
    expect(await server.api.run('bash', orphans, { timeout: 500 })).toMatchObject({
      verdict: 'TIME_LIMIT',
      stdout: 'started\n',
    });
    expect(findProcesses(marker)).toEqual([]);
    expect(await server.api.run('bash', `setsid sleep ${marker} & echo ended`)).toMatchObject({
      verdict: 'OK',
    });
    expect(findProcesses(marker)).toEqual([]);
    expect(await server.api.run('python', 'x = b"x" * 10**9')).toMatchObject({ verdict: 'MEMORY_LIMIT' });
    const jobId = await server.api.upload('bash', `sleep ${marker}`);
    const execution: Promise<JobBody | Error> = server.api
      .execute(jobId)
      .catch((error: unknown) => error as Error);
    while (findProcesses(marker).length === 0) await server.api.get('/api/health/live');
    await server.stop('SIGKILL');
    await execution;
    await waitUntilNoProcess(marker);
  }, 60_000);

  it.each([
    ['outside development', { ENVIRONMENT: 'production' }],
    ['on an address that others reach', { SERVER_HOST: '0.0.0.0' }],
    ['where the setting forbids it', { ENGINE_SANDBOX: 'bubblewrap' }],
  ])(
    '%s an execution returns sandbox-unavailable with the command, and changes nothing',
    async (_, settings) => {
      const server = await startServer({
        DATA_DIR: createTemporaryDirectory(),
        ENGINE_PATH: pathWithoutBubblewrap(),
        ...settings,
      });
      const api = Object.assign(server.api, { url: server.api.url.replace('0.0.0.0', '127.0.0.1') });
      const jobId = await api.upload('python', 'print("hello")');
      const before = await api.status(jobId);
      expect(await api.post(`/api/execute/${jobId}`)).toMatchObject({
        status: 503,
        body: {
          code: 'sandbox-unavailable',
          detail: expect.stringMatching(/install -y bubblewrap/) as string,
        },
      });
      expect(await api.status(jobId)).toEqual(before);
      expect((await api.get('/api/health')).status).toBe(503);
      expect((await api.get('/api/health/live')).status).toBe(200);
      await server.stop('SIGTERM');
    },
    60_000,
  );
});
