import type { ApiResponse, JobBody } from './api';
import type { Gateway } from './gateway';

const PAGE = '/api/jobs?limit=20';

interface Page {
  readonly jobs: readonly JobBody[];
  readonly next_cursor: string | null;
}

/** Runs an action that must not change or create a job and must not leave a file, such as a rejected request. */
export async function expectNoChange<T>(gateway: Gateway, act: () => Promise<T>): Promise<T> {
  const before = await takeSnapshot(gateway);
  const result = await act();
  expect(await takeSnapshot(gateway)).toEqual(before);
  return result;
}

async function takeSnapshot(gateway: Gateway): Promise<object> {
  const { api, uploads } = gateway;
  return {
    jobs: await Promise.all((await listJobIds(gateway)).map((id) => api.status(id))),
    uploads: (await uploads()).sort(),
  };
}

/** Newest first, down to the newest job from before the tests. There may be thousands of older ones. */
async function listJobIds({ api, newestBefore }: Gateway): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ;) {
    const { body }: ApiResponse<Page> = await api.get<Page>(PAGE + cursor);
    for (const { job_id } of body.jobs) {
      ids.push(job_id);
      if (job_id === newestBefore) return ids;
    }
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(newestBefore).toBeUndefined();
  return ids;
}
