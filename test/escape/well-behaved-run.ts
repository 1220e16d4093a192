import type { Api, JobBody } from '../support/api';

/** A fixed amount of work: about 150 ms of CPU time. */
const WORK = 'total = 0\nfor i in range(1_500_000): total += i & 7\nprint(total)';
const RESULT = '5250000\n';
const BUSY = 503;

/** Executes as soon as a slot is free; the timeout of the test bounds the wait. @throws Error if the execution fails */
export async function executeWhenSlotIsFree(api: Api, jobId: string, body: object = {}): Promise<JobBody> {
  for (;;) {
    const response = await api.post<JobBody>(`/api/execute/${jobId}`, body);
    if (response.status === 200) return response.body;
    if (response.status !== BUSY) throw new Error(`Execution failed: ${JSON.stringify(response.body)}`);
  }
}

/** Repeats a fixed amount of work until `running` settles, once at least. @returns wall time / CPU time of each run */
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
