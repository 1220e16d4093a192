import type { ApiResponse, Api, JobBody } from './api';

const ASYNC = { prefer: 'respond-async' };

export const enqueue = <T = JobBody>(api: Api, jobId: string, body: object = {}): Promise<ApiResponse<T>> =>
  api.request<T>('POST', `/api/execute/${jobId}`, {
    headers: { ...ASYNC, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Waits for a final state with long polls. */
export async function waitForResult(api: Api, jobId: string): Promise<JobBody> {
  for (let tag = ''; ;) {
    const { status, headers, body } = await api.get<JobBody>(`/api/status/${jobId}?wait=20`, {
      ...(tag !== '' && { 'if-none-match': tag }),
    });
    tag = headers.get('etag') ?? '';
    if (status === 200 && !['PENDING', 'QUEUED', 'RUNNING'].includes(body.status)) return body;
  }
}
