import type { JobBody } from './support/api';
import {
  CANCELLED,
  LONG_TIMEOUT,
  PROGRAMS_IGNORING_SIGNALS,
  startExecution,
} from './support/start-execution';
import { describeEachDeployment } from './support/each-deployment';
import { findLeftovers } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it.each(PROGRAMS_IGNORING_SIGNALS)(
    'cancels a %s program, responds when its process tree has ended, and keeps the output',
    async (language, code) => {
      const { api } = gateway();
      const { jobId, marker, execution } = await startExecution(api, language, code);
      expect((await api.status(jobId)).status).toBe('RUNNING');
      const response = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(findLeftovers(marker)).toEqual([]);
      expect(response.status).toBe(200);
      expect(response.body).toMatchObject({ ...CANCELLED, job_id: jobId, stdout: 'started\n' });
      expect(await execution).toMatchObject({ status: 200, body: response.body });
      expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({ status: 200, body: response.body });
      expect((await api.get<string>(`/api/jobs/${jobId}/logs`)).body).toBe('started\n');
    },
  );

  it.each(PROGRAMS_IGNORING_SIGNALS)(
    'cancels a %s program and ends its process tree when the client disconnects',
    async (language, code) => {
      const { api } = gateway();
      const client = new AbortController();
      const { jobId, marker, execution } = await startExecution(api, language, code, {
        signal: client.signal,
      });
      client.abort();
      await expect(execution).rejects.toThrow();
      expect(await api.waitForStatus(jobId, 'CANCELLED')).toMatchObject({
        ...CANCELLED,
        stdout: 'started\n',
      });
      expect(findLeftovers(marker)).toEqual([]);
    },
  );

  it.each([
    ['python', 'import time\ntime.sleep(60)'],
    ['bash', 'sleep 60'],
  ])('executes a %s job once if two clients execute it at the same time', async (language, code) => {
    const { api } = gateway();
    const jobId = await api.upload(language, code);
    const executions = [1, 2].map(() => api.post<JobBody>(`/api/execute/${jobId}`, LONG_TIMEOUT));
    // The accepted execution lasts until it is cancelled, so the first response is the rejection.
    expect(await Promise.race(executions)).toMatchObject({
      status: 409,
      body: { code: 'job-already-running', status: 409, current_status: 'RUNNING' },
    });
    await api.post(`/api/cancel/${jobId}`);
    const accepted = (await Promise.all(executions)).filter(({ status }) => status === 200);
    expect(accepted).toMatchObject([{ body: { ...CANCELLED, attempt: 1 } }]);
    expect(await api.status(jobId)).toEqual(accepted[0]?.body);
  });
});
