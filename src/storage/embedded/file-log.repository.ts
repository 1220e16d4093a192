/** Logs as files under DATA_DIR/objects/logs/{job_id}/{attempt}.ndjson, a chunk a line. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { OutputChunk } from '../../common/report';
import { StorageSettings, storagePaths } from '../../config/settings';
import { LogRepository } from '../../jobs/log.repository';
import { chunkFromLine, chunkToLine } from '../../common/chunk-lines';
import { writeFileAtomically } from './atomic-file';
import { storing } from './file-code.repository';

@Injectable()
export class FileLogRepository extends LogRepository {
  private readonly root: string;

  constructor(settings: StorageSettings) {
    super();
    this.root = join(storagePaths(settings.dataDir).objects, 'logs');
  }

  async put(jobId: string, attempt: number, chunks: readonly OutputChunk[]): Promise<void> {
    await storing(() =>
      writeFileAtomically(this.path(jobId, attempt), async (file) => {
        for (const chunk of chunks) await file.write(chunkToLine(chunk));
      }),
    );
  }

  async get(jobId: string, attempt: number): Promise<AsyncIterable<OutputChunk> | undefined> {
    return storing(async () => {
      const file = await openExisting(this.path(jobId, attempt));
      return file && readChunks(file);
    });
  }

  private path(jobId: string, attempt: number): string {
    return join(this.root, jobId, `${attempt.toString()}.ndjson`);
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function* readChunks(file: FileHandle): AsyncGenerator<OutputChunk> {
  for await (const line of file.readLines()) yield chunkFromLine(line);
}
