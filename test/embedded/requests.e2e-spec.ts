import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitForResult, enqueue } from '../support/async';
import { startGateway } from '../support/gateway';

it('removes a stored request when its execution has finished, was cancelled, or was rejected', async () => {
  const { api, dataDir, close } = await startGateway({ WORKER_CONCURRENCY: '1' });
  const kept = (): string[] => readdirSync(join(dataDir, 'objects', 'requests'));
  const [running, queued] = [
    await api.upload('bash', 'read -r line; sleep 1000'),
    await api.upload('bash', 'cat'),
  ];
  await enqueue(api, running, { input: 'line\n', timeout: 20_000 });
  await api.waitForStatus(running, 'RUNNING');
  await enqueue(api, queued, { input: 'never read' });
  // Of two concurrent requests, one is accepted.
  const raced = await api.upload('bash', 'cat');
  const responses = await Promise.all([enqueue(api, raced), enqueue(api, raced), enqueue(api, raced)]);
  expect(responses.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  // The timeout of the test limits this loop and the following one.
  while (kept().length > 3) await delay(10);
  expect(kept()).toHaveLength(3);
  await api.post(`/api/cancel/${queued}`);
  await api.post(`/api/cancel/${running}`);
  expect(await waitForResult(api, raced)).toMatchObject({ status: 'SUCCESS' });
  while (kept().length > 0) await delay(10);
  await close();
});
