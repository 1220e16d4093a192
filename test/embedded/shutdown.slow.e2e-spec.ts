/** Graceful shutdown: executions get a grace period, and those that exceed it are stopped and marked. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { findProcesses, waitUntilNoProcess } from '../support/processes';
import { startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';

describe('SIGTERM', () => {
  it('lets an execution finish within SHUTDOWN_GRACE', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const server = await startServer({ DATA_DIR, SHUTDOWN_GRACE: '15000' });
    const marker = `0.8${Date.now().toString()}`;
    const jobId = await server.api.upload('bash', `sleep ${marker}; echo done`);
    const execution = server.api.execute(jobId);
    while (findProcesses(marker).length === 0) await server.api.get('/api/health/live');
    const ended = server.stop('SIGTERM');
    expect(await execution).toMatchObject({ status: 'SUCCESS', stdout: 'done\n' });
    expect(await ended).toEqual({ code: 0, signal: null });
  }, 60_000);

  it('stops an execution that runs longer and marks it as a failure of the service', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const server = await startServer({ DATA_DIR, SHUTDOWN_GRACE: '100' });
    const marker = `31538${Date.now().toString()}`;
    const jobId = await server.api.upload('bash', `echo started; sleep ${marker}`);
    const execution = server.api.execute(jobId, { timeout: 20_000 });
    while (findProcesses(marker).length === 0) await server.api.get('/api/health/live');
    const ended = server.stop('SIGTERM');
    expect(await execution).toMatchObject({ status: 'FAILED', verdict: 'ENGINE_ERROR' });
    await ended;
    await waitUntilNoProcess(marker);

    const next = await startServer({ DATA_DIR });
    expect(await next.api.status(jobId)).toMatchObject({
      status: 'FAILED',
      verdict: 'ENGINE_ERROR',
      stdout: 'started\n',
      error_message: expect.stringContaining('The service was shut down') as string,
    });
    await next.stop('SIGTERM');
  }, 60_000);

  it('rejects new executions and reports not ready during the grace period', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const server = await startServer({ DATA_DIR, SHUTDOWN_GRACE: '15000' });
    const marker = `31539${Date.now().toString()}`;
    const running = await server.api.upload('bash', `sleep ${marker}`);
    const late = await server.api.upload('bash', 'echo late');
    const execution = server.api.post(`/api/execute/${running}`, { timeout: 15_000 });
    while (findProcesses(marker).length === 0) await server.api.get('/api/health/live');
    const ended = server.stop('SIGTERM');
    let ready = await server.api.get('/api/health/ready');
    while (ready.status === 200) ready = await server.api.get('/api/health/ready');
    expect(ready).toMatchObject({ status: 503, body: { status: 'shutting_down' } });
    expect(await server.api.post(`/api/execute/${late}`)).toMatchObject({
      status: 503,
      body: { code: 'shutting-down' },
    });
    expect(await server.api.status(late)).toMatchObject({ status: 'PENDING', attempt: 0 });
    expect((await server.api.post(`/api/cancel/${running}`)).status).toBe(200);
    expect(await execution).toMatchObject({ status: 200, body: { status: 'CANCELLED' } });
    await ended;
  }, 60_000);

  it('does not wait forever for a client that does not read its response', async () => {
    const server = await startServer({ DATA_DIR: createTemporaryDirectory(), SHUTDOWN_GRACE: '0' });
    const jobId = await server.api.upload('bash', 'head -c 9000000 /dev/zero | tr "\\0" x');
    await server.api.execute(jobId);
    const { hostname, port } = new URL(server.api.url);
    // More than the buffers of the kernel hold. The socket does not read, because it has no data listener.
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(`GET /api/jobs/${jobId}/logs HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'readable');
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    socket.destroy();
  }, 60_000);

  it('does not wait forever for a connection without a complete request', async () => {
    const server = await startServer({ DATA_DIR: createTemporaryDirectory(), SHUTDOWN_GRACE: '0' });
    const { hostname, port } = new URL(server.api.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.on('error', () => undefined).write('CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket.resume(), 'end');
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    socket.destroy();
  }, 60_000);
});
