/** Stopping from outside: cancel, hang-up, a full engine, and two who want the same job. */
import type { Api, JobBody, ProblemAnswer } from './support/api';
import { bothWays } from './support/both-ways';
import { leftOver, newMarker } from './support/left-over';
import { processesWith } from './support/processes';

const LONG = { timeout: 20_000 };
/** None of them ends when it is asked to, and each has a child. */
const STUBBORN = [
  [
    'python',
    'import signal, subprocess\nfor s in signal.SIGTERM, signal.SIGINT, signal.SIGHUP: signal.signal(s, signal.SIG_IGN)\nprint("begun")\nsubprocess.Popen(["sleep", "MARKER"], start_new_session=True)\nwhile True: pass',
  ],
  ['bash', 'trap "" TERM INT HUP; echo begun; setsid sleep MARKER & sleep MARKER; sleep MARKER'],
  [
    'javascript',
    'process.on("SIGTERM", () => {}); console.log("begun"); require("child_process").spawn("sleep", ["MARKER"], { stdio: "inherit" })',
  ],
] as const;
const CANCELLED = { status: 'CANCELLED', verdict: 'CANCELLED' };

/** Uploads a program and starts its execution; goes on when its child is there. */
async function begin(api: Api, language: string, code: string, init: RequestInit = {}) {
  const marker = newMarker();
  const jobId = await api.upload(language, code.replaceAll('MARKER', marker));
  const execution = api.request<JobBody>('POST', `/api/execute/${jobId}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(LONG),
  });
  execution.catch(() => undefined);
  // RUNNING comes earlier than the program: its child is what tells that it runs.
  while (processesWith(marker).length === 0) await api.get('/api/health/live');
  return { jobId, marker, execution };
}

bothWays({ ENGINE_SLOTS: '2' }, (gateway) => {
  it.each(STUBBORN)(
    'a cancel of %s is answered when its tree is gone, and keeps the output',
    async (language, code) => {
      const { api } = gateway();
      const { jobId, marker, execution } = await begin(api, language, code);
      expect((await api.status(jobId)).status).toBe('RUNNING');
      const answer = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(leftOver(marker)).toEqual([]);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ ...CANCELLED, job_id: jobId, stdout: 'begun\n' });
      expect(await execution).toMatchObject({ status: 200, body: answer.body });
      expect(await api.post(`/api/cancel/${jobId}`)).toMatchObject({ status: 200, body: answer.body });
      expect((await api.get<string>(`/api/jobs/${jobId}/logs`)).body).toBe('begun\n');
    },
  );

  it.each(STUBBORN)('a client that hangs up cancels %s, and its tree is gone', async (language, code) => {
    const { api } = gateway();
    const client = new AbortController();
    const { jobId, marker, execution } = await begin(api, language, code, { signal: client.signal });
    client.abort();
    await expect(execution).rejects.toThrow();
    expect(await api.until(jobId, 'CANCELLED')).toMatchObject({ ...CANCELLED, stdout: 'begun\n' });
    expect(leftOver(marker)).toEqual([]);
  });

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

bothWays({ ENGINE_SLOTS: '1' }, (gateway) => {
  it.each(STUBBORN)(
    'a queued job of %s is cancelled without having run, and the running one goes on',
    async (language, code) => {
      const { api } = gateway();
      const first = await begin(api, language, code);
      const jobId = await api.upload(language, 'MARKER');
      const execution = api.post<JobBody>(`/api/execute/${jobId}`, LONG);
      await api.until(jobId, 'RUNNING');
      const answer = await api.post<JobBody>(`/api/cancel/${jobId}`);
      expect(answer).toMatchObject({ status: 200, body: { ...CANCELLED, stdout: '', resource: null } });
      expect(await execution).toMatchObject({ status: 200, body: answer.body });
      expect(processesWith(first.marker)).not.toEqual([]);
      await api.post(`/api/cancel/${first.jobId}`);
      expect(leftOver(first.marker)).toEqual([]);
    },
  );
});

bothWays({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '0' }, (gateway) => {
  it.each([
    ['python', 'print("done")'],
    ['bash', 'echo done'],
  ])('a full engine refuses %s, and leaves the job as it was', async (language, code) => {
    const { api } = gateway();
    const executed = await api.upload(language, code);
    await api.execute(executed);
    const pending = await api.upload(language, code);
    const before = [await api.status(executed), await api.status(pending)];
    const { jobId, marker } = await begin(api, 'bash', 'sleep MARKER');
    for (const id of [executed, pending]) {
      const refusal = await api.post<ProblemAnswer>(`/api/execute/${id}`);
      expect(refusal).toMatchObject({ status: 503, body: { code: 'engine-busy', status: 503 } });
      expect(refusal.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect([await api.status(executed), await api.status(pending)]).toEqual(before);
    await api.post(`/api/cancel/${jobId}`);
    expect(leftOver(marker)).toEqual([]);
    expect(await api.execute(pending)).toMatchObject({ verdict: 'OK', attempt: 1, stdout: 'done\n' });
  });
});
