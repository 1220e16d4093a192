/** Uploads code, finds jobs and lists them. */
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

/** What an upload decides before it stores anything. */
export type UploadPlan = Readonly<{
  jobId: string;
  /** RFC 3339 */
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
   * The code is stored first, so that a job never exists without it.
   * @param plan of an upload that others may repeat, or be repeating: all of them make the same job, which is given as it
   *   was when it was new
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
   * Gets a job when it is not in a state any more that the client knows, or when the signal aborts.
   * @param isKnown whether the client has seen this state already
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
        'is not a cursor of this list; give back next_cursor with the same filters',
      );
    }
    const page = await this.jobs.list(filter, query.limit, after);
    return { jobs: page.jobs, nextCursor: page.nextAfter && encodeCursor(page.nextAfter, filter) };
  }

  private async store(job: Job, code: string): Promise<void> {
    try {
      await this.objects.put(job.s3Key, code, job.language);
    } catch (error) {
      // The client need not wait while a storage that does not answer is asked once more.
      if (isWriteUncertain(error)) void this.deleteCode(job.s3Key);
      throw error;
    }
    try {
      await this.jobs.create(job);
    } catch (error) {
      // A job that may be there, or may still come, must find its code.
      if (!isWriteUncertain(error)) await this.deleteCode(job.s3Key);
      throw error;
    }
  }

  /** Takes nothing back: it may be what another one is about to need. */
  private async storeRepeated(job: Job, code: string): Promise<void> {
    await this.objects.put(job.s3Key, code, job.language);
    try {
      await this.jobs.create(job);
    } catch (error) {
      // It may have been made before, and executed since.
      if (!(await this.jobs.find(job.jobId))) throw error;
    }
  }

  /** An orphan that cannot be removed now costs space and nothing else: the fault that led here is the one to tell. */
  private async deleteCode(key: string): Promise<void> {
    try {
      await this.objects.delete(key);
    } catch (error) {
      this.logger.warn({ err: error, key }, 'the code of an upload that failed could not be removed');
    }
  }
}

const isWriteUncertain = (error: unknown): boolean =>
  error instanceof StorageUnavailableError && error.isWriteUncertain;

export const jobNotFoundProblem = (): ProblemException =>
  new ProblemException('job-not-found', 'No job has this id.');
