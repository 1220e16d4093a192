/** Stopping from outside: cancel, hang-up, and two who want the same job. */
import type { JobBody } from './support/api';
import { CANCELLED, PROGRAMS_IGNORING_SIGNALS, startExecution } from './support/start-execution';
import { describeEachDeployment } from './support/each-deployment';
import { findLeftovers } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it.each(PROGRAMS_IGNORING_SIGNALS)(
    'a cancel of %s is answered when its tree is gone, and keeps the output',
    async (language, code) => {
      const { api } = gateway();
      const { jobId, marker, execution } = await startExecution(api, language, code);
      expect((await api.status(jobId)).status).toBe('RUNNING');
      const answer = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(findLeftovers(marker)).toEqual([]);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ ...CANCELLED, job_id: jobId, stdout: 'begun\n' });
      expect(await execution).toMatchObject({ status: 200, body: answer.body });
      expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({ status: 200, body: answer.body });
      expect((await api.get<string>(`/api/jobs/${jobId}/logs`)).body).toBe('begun\n');
    },
  );

  it.each(PROGRAMS_IGNORING_SIGNALS)(
    'a client that hangs up cancels %s, and its tree is gone',
    async (language, code) => {
      const { api } = gateway();
      const client = new AbortController();
      const { jobId, marker, execution } = await startExecution(api, language, code, {
        signal: client.signal,
      });
      client.abort();
      await expect(execution).rejects.toThrow();
      expect(await api.waitForStatus(jobId, 'CANCELLED')).toMatchObject({ ...CANCELLED, stdout: 'begun\n' });
      expect(findLeftovers(marker)).toEqual([]);
    },
  );

  it.each([
    ['python', 'import time\ntime.sleep(0.5)\nprint("done")'],
    ['bash', 'sleep 0.5; echo done'],
  ])('of two that execute one job of %s at once, exactly one wins', async (language, code) => {
    const { api } = gateway();
    const jobId = await api.upload(language, code);
    const answers = await Promise.all([
      api.post<JobBody>(`/api/execute/${jobId}`),
      api.post<JobBody>(`/api/execute/${jobId}`),
    ]);
    const [won, lost] = answers.sort((a, b) => a.status - b.status);
    expect(won).toMatchObject({ status: 200, body: { verdict: 'OK', attempt: 1, stdout: 'done\n' } });
    expect(lost).toMatchObject({
      status: 409,
      body: { code: 'job-already-running', status: 409, current_status: 'RUNNING' },
    });
    expect(await api.status(jobId)).toEqual(won.body);
  });
});
