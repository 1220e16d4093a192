import { waitForResult, enqueue } from './support/async';
import { describeEachDeployment } from './support/each-deployment';
import type { Api, JobBody, ProblemBody } from './support/api';
import { findLeftovers, createMarker } from './support/leftovers';
import { findProcesses } from './support/processes';

const DOUBLE = `#include <stdio.h>
int main(void) { int n; if (scanf("%d", &n) != 1) return 7; printf("%d\\n", 2 * n); return 0; }`;

interface Result {
  readonly verdict: string;
  readonly stdout: string;
  readonly exit_code: number | null;
}
const getResults = (job: JobBody): readonly Result[] => job['results'] as readonly Result[];

describeEachDeployment({}, (gateway) => {
  let api: Api;
  beforeAll(() => {
    ({ api } = gateway());
  });

  it('returns one result per input in order, and the verdict of the first that failed', async () => {
    const jobId = await api.upload('c', DOUBLE);
    const job = await api.execute(jobId, { inputs: ['1', '21', 'x', '4'] });
    expect(job).toMatchObject({
      status: 'FAILED',
      verdict: 'NONZERO_EXIT',
      exit_code: 7,
      attempt: 1,
      stdout: '',
    });
    expect(getResults(job)).toMatchObject([
      { verdict: 'OK', stdout: '2\n', exit_code: 0 },
      { verdict: 'OK', stdout: '42\n', exit_code: 0 },
      { verdict: 'NONZERO_EXIT', stdout: '', exit_code: 7 },
      { verdict: 'OK', stdout: '8\n', exit_code: 0 },
    ]);
    expect(await api.status(jobId)).toEqual(job);
  });

  it('executes a hundred inputs asynchronously, and attributes each log chunk to its input', async () => {
    const jobId = await api.upload('bash', 'read n; echo "$((n * n))"');
    const inputs = Array.from({ length: 100 }, (_, n) => `${n.toString()}\n`);
    expect(await enqueue(api, jobId, { inputs })).toMatchObject({ status: 202 });
    const job = await waitForResult(api, jobId);
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK' });
    const squares = inputs.map((_, n) => `${(n * n).toString()}\n`);
    expect(getResults(job).map(({ stdout }) => stdout)).toEqual(squares);
    const { body } = await api.get<string>(`/api/jobs/${jobId}/logs`, { accept: 'application/x-ndjson' });
    const chunks = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; input: number; data: string });
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index));
    expect(chunks.map(({ input, data }) => data === squares[input])).not.toContain(false);
  }, 60_000);

  it('cancels all inputs of a job together', async () => {
    const marker = createMarker();
    const jobId = await api.upload('bash', `read n; [ "$n" = 0 ] || sleep ${marker}; echo done`);
    await enqueue(api, jobId, { inputs: ['0\n', '1\n', '2\n', '3\n'] });
    while (findProcesses(marker).length === 0) await api.get('/api/health/live');
    const { status, body } = await api.post<JobBody>(`/api/cancel/${jobId}`);
    expect([status, body.status, body.verdict]).toEqual([200, 'CANCELLED', 'CANCELLED']);
    expect(findLeftovers(marker)).toEqual([]);
    expect(getResults(body).map(({ verdict }) => verdict)).toEqual([
      'OK',
      'CANCELLED',
      'CANCELLED',
      'CANCELLED',
    ]);
  });

  it('rejects too many inputs, no inputs, inputs that are not text, and input together with inputs', async () => {
    const jobId = await api.upload('bash', 'cat');
    const invalidFields = async (body: object): Promise<string[]> => {
      const response = await api.post<ProblemBody>(`/api/execute/${jobId}`, body);
      expect(response.status).toBe(400);
      return (response.body.errors ?? []).map(({ field }) => field).sort();
    };
    for (const inputs of [[], Array.from({ length: 101 }, () => ''), [1], 'x', null]) {
      expect(await invalidFields({ inputs })).toEqual(['inputs']);
    }
    expect(await invalidFields({ inputs: ['x'], input: 'x' })).toEqual(['input', 'inputs']);
    const halves = ['x'.repeat(600_000), 'x'.repeat(600_000)];
    expect(await api.post(`/api/execute/${jobId}`, { inputs: halves })).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large' },
    });
    expect(await api.status(jobId)).toMatchObject({ status: 'PENDING', results: null });
  });
});
