/** The whole output of a job. */
import type { Api, JobBody } from './api';

/** @param query `?stream=…`; without it both streams in order */
export const readLogs = async (api: Api, { job_id }: JobBody, query = ''): Promise<string> =>
  (await api.get<string>(`/api/jobs/${job_id}/logs${query}`)).body;
