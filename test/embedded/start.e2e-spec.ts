/** How the service starts, and how it fails to start. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAndFail, startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';

describe('start-up', () => {
  it('reports all configuration errors together and exits with 1', async () => {
    const { code, output } = await startAndFail({
      DATA_DIR: createTemporaryDirectory(),
      SERVER_PORT: '99999',
      ENVIRONMENT: 'nowhere',
      EXECUTION_ENGINE_TIMEOUT: '1e4',
      STORAGE_BACKEND: 'tape',
    });
    expect(code).toBe(1);
    for (const name of ['SERVER_PORT', 'ENVIRONMENT', 'EXECUTION_ENGINE_TIMEOUT', 'STORAGE_BACKEND']) {
      expect(output).toMatch(new RegExp(`^  ${name}: .+`, 'm'));
    }
  });

  it('rejects a data directory that another process uses', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const first = await startServer({ DATA_DIR });
    expect(await startAndFail({ DATA_DIR })).toEqual({
      code: 1,
      output: `DATA_DIR ${DATA_DIR} is in use by another process\n`,
    });
    await first.stop('SIGTERM');
  });

  it('writes the same lines to LOG_FILE as to standard output', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const LOG_FILE = join(DATA_DIR, 'service.log');
    const server = await startServer({ DATA_DIR, LOG_FILE });
    await server.api.get('/api/status/no-id');
    await server.stop('SIGTERM');
    const lines = readFileSync(LOG_FILE, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(server.lines);
    expect(lines.some((line) => line.includes('/api/status/no-id'))).toBe(true);
  });

  it.each(['/proc/nope/x.log', '/dev'])('rejects a LOG_FILE that cannot be written: %s', async (LOG_FILE) => {
    const { code, output } = await startAndFail({ DATA_DIR: createTemporaryDirectory(), LOG_FILE });
    expect(code).toBe(1);
    expect(output).toMatch(/^Invalid configuration:\n {2}LOG_FILE: .+\n$/);
  });

  it('continues when the disk of LOG_FILE is full, and reports it once', async () => {
    const server = await startServer({ DATA_DIR: createTemporaryDirectory(), LOG_FILE: '/dev/full' });
    expect(await server.api.run('bash', 'echo served')).toMatchObject({ stdout: 'served\n' });
    expect((await server.api.get('/api/health')).status).toBe(200);
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(server.lines.filter((line) => /LOG_FILE cannot be written/.test(line))).toHaveLength(1);
    expect(server.lines.some((line) => line.includes('/api/upload'))).toBe(true);
  });
});
