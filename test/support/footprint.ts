/** All that the service keeps, as it can be seen: what a refused request must leave as it is. */
import type { JobBody } from './api';
import type { Gateway } from './gateway';

/** Does something that must change no job, create none, and leave no file. */
export async function changesNothing<T>(gateway: Gateway, act: () => Promise<T>): Promise<T> {
  const before = await footprint(gateway);
  const result = await act();
  expect(await footprint(gateway)).toEqual(before);
  return result;
}

async function footprint({ api, uploads }: Gateway): Promise<object> {
  const { body } = await api.get<{ jobs: JobBody[]; next_cursor: string | null }>('/api/jobs?limit=1000');
  expect(body.next_cursor).toBeNull();
  return {
    jobs: await Promise.all(body.jobs.map(({ job_id }) => api.status(job_id))),
    uploads: (await uploads()).sort(),
  };
}
