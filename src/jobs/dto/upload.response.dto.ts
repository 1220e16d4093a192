import { ApiProperty, PickType } from '@nestjs/swagger';
import type { Job, JobStatus } from '../job';
import { JobResponse } from './job.response.dto';

export class UploadResponse extends PickType(JobResponse, ['job_id', 's3_key', 'language', 'created_at']) {
  @ApiProperty({
    description: 'PENDING: the job has not been executed yet.',
    enum: ['PENDING'],
    example: 'PENDING',
  })
  readonly status!: JobStatus;

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
