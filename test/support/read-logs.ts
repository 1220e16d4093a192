import type { Api, JobBody } from './api';

/** Reads the whole output of a job. @param query `?stream=…`; by default both streams in order */
export const readLogs = async (api: Api, { job_id }: JobBody, query = ''): Promise<string> =>
  (await api.get<string>(`/api/jobs/${job_id}/logs${query}`)).body;
