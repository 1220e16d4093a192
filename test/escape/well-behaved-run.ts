/** A run that behaves well, beside one that does not. */
import type { Api, JobBody } from '../support/api';

/** A fixed amount of work, some 150 ms of CPU time. */
const WORK = 'total = 0\nfor i in range(1_500_000): total += i & 7\nprint(total)';
const RESULT = '5250000\n';
const BUSY = 503;
/** ms in which a slot whose run has been answered is free. */
const RELEASE_MS = 5000;

/** Executes as soon as a slot is free. @throws Error when none gets free */
export async function executeWhenSlotIsFree(api: Api, jobId: string, body: object = {}): Promise<JobBody> {
  for (const deadline = Date.now() + RELEASE_MS; ;) {
    const answer = await api.post<JobBody>(`/api/execute/${jobId}`, body);
    if (answer.status === 200) return answer.body;
    if (answer.status !== BUSY || Date.now() > deadline)
      throw new Error(`Execution failed: ${JSON.stringify(answer.body)}`);
  }
}

/** Works until the other one has ended, once at least; gives for each time the wall time of a unit of CPU time. */
export async function measureWallToCpuRatios(api: Api, running: Promise<unknown>): Promise<number[]> {
  const jobId = await api.upload('python', WORK);
  const other = { isOver: false };
  const end = (): void => {
    other.isOver = true;
  };
  running.then(end, end);
  const ratios: number[] = [];
  do {
    const job = await executeWhenSlotIsFree(api, jobId);
    expect(job).toMatchObject({ verdict: 'OK', stdout: RESULT, stderr: '' });
    ratios.push(Number(job.resource?.['execution_time_ms']) / Number(job.resource?.['cpu_time_ms']));
  } while (!other.isOver);
  return ratios;
}
