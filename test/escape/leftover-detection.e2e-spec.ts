import { startExecution } from '../support/start-execution';
import { startEmbedded } from '../support/embedded-gateway';
import type { Gateway } from '../support/gateway-handle';
import { findMarkedProcesses, findRunProcesses } from '../support/run-processes';

describe('detection of leftover processes', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startEmbedded();
  });
  afterAll(() => gateway.close());

  it.each([
    ['python', 'import subprocess\nsubprocess.run(["sleep", "MARKER"])'],
    ['bash', '(setsid sleep MARKER &); sleep MARKER'],
    ['perl', 'fork; exec "sleep", "MARKER"'],
  ])('finds the processes of a %s run until it is cancelled, and none afterwards', async (language, code) => {
    const { api } = gateway;
    const { jobId, marker } = await startExecution(api, language, code);
    expect(findMarkedProcesses(marker)).not.toEqual([]);
    expect(findRunProcesses(process.pid)).toEqual(expect.arrayContaining(findMarkedProcesses(marker)));
    await api.post(`/api/cancel/${jobId}`);
    expect([...findMarkedProcesses(marker), ...findRunProcesses(process.pid)]).toEqual([]);
  });
});
