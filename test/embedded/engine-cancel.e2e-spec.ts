import { Api, type JobBody } from '../support/api';
import { enqueue } from '../support/async';
import { startEngine, startGateway } from '../support/gateway';
import { findLeftovers, createMarker } from '../support/leftovers';
import { findProcesses } from '../support/processes';

it('runs an asynchronous execution again if the engine cancelled it although no client requested it', async () => {
  const engine = await startEngine();
  const { api, close } = await startGateway({ EXECUTION_ENGINE_URL: engine.url });
  const marker = createMarker();
  const jobId = await api.upload('bash', `sleep ${marker}`);
  await enqueue(api, jobId, { timeout: 20_000 });
  while (findProcesses(marker).length === 0) await api.get('/api/health/live');
  expect(await new Api(engine.url).post(`/cancel/${jobId}`)).toMatchObject({ status: 200 });
  for (let job = await api.status(jobId); job.attempt < 2; job = await api.status(jobId))
    expect(['RUNNING', 'QUEUED']).toContain(job.status);
  const cancelled = await api.post<JobBody>(`/api/cancel/${jobId}`);
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED', attempt: 2 } });
  expect(findLeftovers(marker)).toEqual([]);
  await close();
  await engine.close();
});
