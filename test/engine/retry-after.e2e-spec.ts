import { setTimeout as delay } from 'node:timers/promises';
import { type ApiResponse, Api, type JobBody } from '../support/api';
import { startEngine } from '../support/gateway';

it('A busy engine accepts a rejected client that comes back after Retry-After', async () => {
  const engine = await startEngine({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '2' });
  const api = new Api(engine.url);
  const execute = (id: string): Promise<ApiResponse<JobBody>> =>
    api.post<JobBody>('/execute', { job_id: id, client: 'burst', language: 'bash', code: 'sleep 0.3' });
  try {
    // The estimate needs recent hold times.
    for (const id of ['first', 'second', 'third']) await execute(id);
    const delays: number[] = [];
    const verdicts = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const id = `burst-${index.toString()}`;
        const response = await execute(id);
        if (response.status === 200) return response.body.verdict;
        const header = response.headers.get('retry-after') ?? '';
        expect([response.status, header]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
        delays.push(Number(header));
        await delay(Number(header) * 1000);
        return (await execute(id)).body.verdict;
      }),
    );
    expect(verdicts).toEqual(Array.from({ length: 5 }, () => 'OK'));
    expect(delays).toHaveLength(2);
    // Three holds of 0.3 s and their overhead, rounded up.
    expect(Math.max(...delays)).toBeLessThanOrEqual(4);
  } finally {
    await engine.close();
  }
}, 60_000);
