import { Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { decodeCursor, encodeCursor } from './list-cursor';
import { ProblemException, invalidFieldProblem } from '../common/problems/problem.exception';
import { StorageUnavailableError } from '../common/problems/storage-unavailable.error';
import { UploadSettings } from '../config/settings';
import { ObjectStore } from './object.store';
import type { ListQuery } from './dto/list.query.dto';
import type { UploadRequest } from './dto/upload.request.dto';
import type { Job } from './job';
import { JobWatcher } from './job-watcher';
import { pendingState } from './job-transitions';
import { JobRepository } from './job.repository';
import { LanguagesService } from './languages.service';

/** What an upload decides before it stores anything, so that a repetition creates the same job. */
export type UploadPlan = Readonly<{
  jobId: string;
  /** RFC 3339. */
  createdAt: string;
}>;

export const planUpload = (): UploadPlan => ({ jobId: uuidv7(), createdAt: new Date().toISOString() });

@Injectable()
export class JobsService {
  private readonly logger = new Logger(JobsService.name);

  constructor(
    private readonly jobs: JobRepository,
    private readonly objects: ObjectStore,
    private readonly languages: LanguagesService,
    private readonly watcher: JobWatcher,
    private readonly settings: UploadSettings,
  ) {}

  /**
   * Stores the code first, so that a job never exists without it.
   * @param plan of an upload with an Idempotency-Key, which other requests may repeat at the same time: all of them create
   *   the same job
   * @returns the job as it is when it is new, even if it was created before
   * @throws ProblemException `payload-too-large`, `unsupported-language`
   */
  async upload(request: UploadRequest, plan?: UploadPlan): Promise<Job> {
    const codeBytes = Buffer.byteLength(request.code);
    if (codeBytes > this.settings.codeBytesMax) {
      throw new ProblemException(
        'payload-too-large',
        `The code is larger than ${this.settings.codeBytesMax.toString()} bytes.`,
      );
    }
    const language = await this.languages.getAvailable(request.language);
    const { jobId, createdAt } = plan ?? planUpload();
    const job: Job = {
      jobId,
      language: language.id,
      s3Key: `uploads/${jobId}.${language.extension}`,
      project: request.project ?? null,
      functionName: request.function_name ?? null,
      description: request.description ?? null,
      codeBytes,
      createdAt,
      ...pendingState(createdAt),
    };
    if (plan) await this.storeRepeated(job, request.code);
    else await this.store(job, request.code);
    return job;
  }

  /** @throws ProblemException `job-not-found` */
  async get(jobId: string): Promise<Job> {
    const job = await this.jobs.find(jobId);
    if (!job) throw jobNotFoundProblem();
    return job;
  }

  /**
   * Waits until the job is in a state that the client does not know, or until the signal aborts.
   * @param isKnown whether the client knows this state
   * @throws ProblemException `job-not-found`
   */
  async waitForChange(jobId: string, isKnown: (job: Job) => boolean, signal: AbortSignal): Promise<Job> {
    let job: Job | undefined = await this.get(jobId);
    while (job && isKnown(job) && !signal.aborted) job = await this.watcher.waitForChange(job, signal);
    if (!job) throw jobNotFoundProblem();
    return job;
  }

  async list(query: ListQuery): Promise<{ jobs: readonly Job[]; nextCursor: string | undefined }> {
    const language = query.language && ((await this.languages.find(query.language))?.id ?? query.language);
    const filter = { status: query.status, language, project: query.project };
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, filter);
    if (query.cursor !== undefined && after === undefined) {
      throw invalidFieldProblem(
        'cursor',
        'is not a cursor of this list; send the next_cursor of the previous page with the same filters',
      );
    }
    const page = await this.jobs.list(filter, query.limit, after);
    return { jobs: page.jobs, nextCursor: page.nextAfter && encodeCursor(page.nextAfter, filter) };
  }

  private async store(job: Job, code: string): Promise<void> {
    try {
      await this.objects.put(job.s3Key, code, job.language);
    } catch (error) {
      // Do not await: the client should not wait for another call to a storage that does not respond.
      if (isWriteUncertain(error)) void this.deleteCode(job.s3Key);
      throw error;
    }
    try {
      await this.jobs.create(job);
    } catch (error) {
      // If the job may exist, or may still be created by a late write, it needs its code.
      if (!isWriteUncertain(error)) await this.deleteCode(job.s3Key);
      throw error;
    }
  }

  /** Deletes nothing after an error: another request with the same plan may need it. */
  private async storeRepeated(job: Job, code: string): Promise<void> {
    await this.objects.put(job.s3Key, code, job.language);
    try {
      await this.jobs.create(job);
    } catch (error) {
      // An earlier request may have created the job, and it may have been executed since.
      if (!(await this.jobs.find(job.jobId))) throw error;
    }
  }

  /** Logs a failure instead of throwing it: orphaned code only costs space, and the caller reports the original error. */
  private async deleteCode(key: string): Promise<void> {
    try {
      await this.objects.delete(key);
    } catch (error) {
      this.logger.warn({ err: error, key }, 'failed to delete the code of a failed upload');
    }
  }
}

const isWriteUncertain = (error: unknown): boolean =>
  error instanceof StorageUnavailableError && error.isWriteUncertain;

export const jobNotFoundProblem = (): ProblemException =>
  new ProblemException('job-not-found', 'No job has this id.');
