/** Jobs as answers: bodies with their links, and the headers that go with them. */
import { Injectable } from '@nestjs/common';
import type { ListQuery } from './dto/list.query.dto';
import type { ListResponse } from './dto/list.response.dto';
import { JobResponse, JobSummary } from './dto/job.response.dto';
import type { Job } from './job';
import { JobLinks } from './job-links';

@Injectable()
export class JobsPresenter {
  constructor(private readonly links: JobLinks) {}

  job(job: Job): JobResponse {
    return JobResponse.from(job, this.links.logs(job.jobId));
  }

  page(jobs: readonly Job[], nextCursor: string | undefined): ListResponse {
    return {
      jobs: jobs.map((job) => JobSummary.from(job, this.links.logs(job.jobId))),
      next_cursor: nextCursor ?? null,
    };
  }

  /** RFC 8288; undefined on the last page. */
  nextLink(query: ListQuery, nextCursor: string | undefined): string | undefined {
    if (nextCursor === undefined) return undefined;
    const parameters = new URLSearchParams({ limit: query.limit.toString(), cursor: nextCursor });
    for (const name of ['status', 'language', 'project'] as const) {
      const value = query[name];
      if (value !== undefined) parameters.set(name, value);
    }
    return `<${this.links.base()}/api/jobs?${parameters.toString()}>; rel="next"`;
  }
}
