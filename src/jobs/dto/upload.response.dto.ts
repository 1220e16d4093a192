/** The answer to an upload. */
import { PickType } from '@nestjs/swagger';
import type { Job } from '../job';
import { JobResponse } from './job.response.dto';

export class UploadResponse extends PickType(JobResponse, [
  'job_id',
  's3_key',
  'status',
  'language',
  'created_at',
]) {
  static from(job: Job): UploadResponse {
    return {
      job_id: job.jobId,
      s3_key: job.s3Key,
      status: job.status,
      language: job.language,
      created_at: job.createdAt,
    };
  }
}
