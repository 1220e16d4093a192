// Examples for the OpenAPI document, built by the code that builds the responses.
import type { Job } from '../job';
import { pendingState, cancelledState } from '../job-transitions';
import { JobResponse } from './job.response.dto';

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const UPLOADED_AT = '2026-01-31T12:00:00.000Z';
const CANCELLED_AT = '2026-01-31T12:00:05.000Z';

export const PENDING_JOB: Job = {
  jobId: ID,
  language: 'python',
  s3Key: `uploads/${ID}.py`,
  project: null,
  functionName: null,
  description: null,
  codeBytes: 14,
  createdAt: UPLOADED_AT,
  ...pendingState(UPLOADED_AT),
};

export const CANCELLED_JOB = JobResponse.from(
  { ...PENDING_JOB, ...cancelledState(PENDING_JOB, CANCELLED_AT) },
  '',
  null,
);
