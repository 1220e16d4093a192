import type { JobBody, ProblemBody } from './support/api';
import {
  CANCELLED,
  LONG_TIMEOUT,
  PROGRAMS_IGNORING_SIGNALS,
  startExecution,
} from './support/start-execution';
import { describeEachDeployment } from './support/each-deployment';
import { findLeftovers } from './support/leftovers';
import { findProcesses } from './support/processes';

describeEachDeployment({ ENGINE_SLOTS: '1' }, (gateway) => {
  it.each(PROGRAMS_IGNORING_SIGNALS)(
    'cancels a %s job that waits for a slot, which then never runs, and leaves the running one alone',
    async (language, code) => {
      const { api } = gateway();
      const first = await startExecution(api, language, code);
      const jobId = await api.upload(language, 'MARKER');
      const execution = api.post<JobBody>(`/api/execute/${jobId}`, LONG_TIMEOUT);
      await api.waitForStatus(jobId, 'RUNNING');
      const response = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(response).toMatchObject({ status: 200, body: { ...CANCELLED, stdout: '', resource: null } });
      expect(await execution).toMatchObject({ status: 200, body: response.body });
      expect(findProcesses(first.marker)).not.toEqual([]);
      await api.post(`/api/cancel/${first.jobId}`);
      expect(findLeftovers(first.marker)).toEqual([]);
    },
  );
});

describeEachDeployment({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '0' }, (gateway) => {
  it.each([
    ['python', 'print("done")'],
    ['bash', 'echo done'],
  ])('rejects a %s job while the engine is full, and does not change the job', async (language, code) => {
    const { api } = gateway();
    const executed = await api.upload(language, code);
    await api.execute(executed);
    const pending = await api.upload(language, code);
    const before = [await api.status(executed), await api.status(pending)];
    const { jobId, marker } = await startExecution(api, 'bash', 'sleep MARKER');
    for (const id of [executed, pending]) {
      const rejection = await api.post<ProblemBody>(`/api/execute/${id}`);
      expect(rejection).toMatchObject({ status: 503, body: { code: 'engine-busy', status: 503 } });
      expect(rejection.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect([await api.status(executed), await api.status(pending)]).toEqual(before);
    await api.post(`/api/cancel/${jobId}`);
    expect(findLeftovers(marker)).toEqual([]);
    expect(await api.execute(pending)).toMatchObject({ verdict: 'OK', attempt: 1, stdout: 'done\n' });
  });
});
