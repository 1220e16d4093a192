/** An engine that refuses keeps its word: who comes back when it says has a place. */
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiResponse, Api, type JobBody } from '../support/api';
import { startEngine } from '../support/gateway';

it('Whoever of a burst is refused, and comes back after Retry-After, is executed', async () => {
  const engine = await startEngine({ ENGINE_SLOTS: '1', ENGINE_QUEUE_MAX: '2' });
  const api = new Api(engine.url);
  const execute = (id: string): Promise<ApiResponse<JobBody>> =>
    api.post<JobBody>('/execute', { job_id: id, client: 'burst', language: 'bash', code: 'sleep 0.3' });
  try {
    // So that it knows how long they take.
    for (const id of ['first', 'second', 'third']) await execute(id);
    const told: number[] = [];
    const verdicts = await Promise.all(
      Array.from({ length: 9 }, async (_, index) => {
        const id = `burst-${index.toString()}`;
        const answer = await execute(id);
        if (answer.status === 200) return answer.body.verdict;
        const seconds = Number(answer.headers.get('retry-after'));
        told.push(seconds);
        await delay(seconds * 1000);
        return (await execute(id)).body.verdict;
      }),
    );
    expect(verdicts).toEqual(Array.from({ length: 9 }, () => 'OK'));
    expect(told).toHaveLength(6);
    // All nine take nine holds, and a second that is rounded up.
    expect(Math.max(...told)).toBeLessThanOrEqual(5);
  } finally {
    await engine.close();
  }
}, 60_000);
