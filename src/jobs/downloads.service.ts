import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ProblemException } from '../common/problems/problem.exception';
import type { OutputChunk } from '../engine-contract/report';
import { ObjectStore } from './object.store';
import { JobsService } from './jobs.service';
import { LogRepository } from './log.repository';
import { chunkToLine } from '../engine-contract/chunk-lines';
import type { LogsQuery } from './dto/logs.query.dto';

export type LogsFormat = 'text' | 'ndjson';

@Injectable()
export class DownloadsService {
  constructor(
    private readonly jobs: JobsService,
    private readonly objects: ObjectStore,
    private readonly logs: LogRepository,
  ) {}

  /** @throws ProblemException `job-not-found` */
  async getCode(jobId: string): Promise<string> {
    return this.objects.get((await this.jobs.get(jobId)).s3Key);
  }

  /** @throws ProblemException `job-not-found`, `logs-not-found` */
  async getLogs(jobId: string, query: LogsQuery, form: LogsFormat): Promise<Readable> {
    const job = await this.jobs.get(jobId);
    const attempt = query.attempt ?? job.logsAttempt;
    const chunks = attempt === null ? undefined : await this.logs.get(jobId, attempt);
    if (!chunks) throw new ProblemException('logs-not-found', 'No logs are stored for this attempt.');
    return Readable.from(render(chunks, query.stream, form), { objectMode: false });
  }
}

async function* render(
  chunks: AsyncIterable<OutputChunk>,
  stream: LogsQuery['stream'],
  form: LogsFormat,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (stream !== undefined && chunk.stream !== stream) continue;
    yield Buffer.from(form === 'text' ? chunk.data : chunkToLine(chunk));
  }
}
