import { Injectable, Logger } from '@nestjs/common';
import type { ListQuery } from './dto/list.query.dto';
import type { ListResponse } from './dto/list.response.dto';
import { JobResponse, JobSummary } from './dto/job.response.dto';
import { ExecutionQueue } from './execution.queue';
import type { Job } from './job';
import { JobLinks } from './job-links';

/** Converts jobs to response bodies with links. */
@Injectable()
export class JobsPresenter {
  private readonly logger = new Logger(JobsPresenter.name);

  constructor(
    private readonly links: JobLinks,
    private readonly queue: ExecutionQueue,
  ) {}

  toResponse(job: Job, queuePosition: number | null = null): JobResponse {
    return JobResponse.from(job, this.links.logsUrl(job.jobId), queuePosition);
  }

  /** Includes the position of a queued job if the queue knows it. */
  async toResponseWithPosition(job: Job): Promise<JobResponse> {
    return this.toResponse(job, job.status === 'QUEUED' ? await this.findQueuePosition(job) : null);
  }

  /** Null also if the queue is unavailable, so that a client still receives its job. */
  async findQueuePosition({ jobId, fence }: Job): Promise<number | null> {
    try {
      return (await this.queue.findPosition({ jobId, fence: fence ?? '' })) ?? null;
    } catch (error) {
      this.logger.debug({ err: error, job_id: jobId }, 'failed to read queue position');
      return null;
    }
  }

  toListResponse(jobs: readonly Job[], nextCursor: string | undefined): ListResponse {
    return {
      jobs: jobs.map((job) => JobSummary.from(job, this.links.logsUrl(job.jobId))),
      next_cursor: nextCursor ?? null,
    };
  }

  /** The value of the Link header (RFC 8288); undefined on the last page. */
  nextLink(query: ListQuery, nextCursor: string | undefined): string | undefined {
    if (nextCursor === undefined) return undefined;
    const parameters = new URLSearchParams({ limit: query.limit.toString(), cursor: nextCursor });
    for (const name of ['status', 'language', 'project'] as const) {
      const value = query[name];
      if (value !== undefined) parameters.set(name, value);
    }
    return `<${this.links.baseUrl()}/api/jobs?${parameters.toString()}>; rel="next"`;
  }
}
