import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { chunkFromLine } from '../../engine-contract/chunk-lines';
import { readLines } from '../../common/lines';
import type { OutputChunk } from '../../engine-contract/report';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { StorageSettings, storagePaths } from '../../config/settings';
import { LogRepository } from '../../jobs/log.repository';
import { toBlocks } from '../log-blocks';
import { writeFileAtomically } from './atomic-file';
import { runFileOperation } from './file-object.store';

/** Logs as files under DATA_DIR/objects/logs/{job_id}/{attempt}.ndjson, with one chunk a line. */
@Injectable()
export class FileLogRepository extends LogRepository {
  private readonly root: string;

  constructor(settings: StorageSettings) {
    super();
    this.root = join(storagePaths(settings.dataDir).objects, 'logs');
  }

  async put(jobId: string, attempt: number, chunks: readonly OutputChunk[]): Promise<void> {
    await runFileOperation(() =>
      writeFileAtomically(this.path(jobId, attempt), 'replace', async (file) => {
        // writeFile() continues at the current position and, unlike write(), always writes everything.
        for (const block of toBlocks(chunks)) await file.writeFile(block);
      }),
    );
  }

  async get(jobId: string, attempt: number): Promise<AsyncIterable<OutputChunk> | undefined> {
    const path = this.path(jobId, attempt);
    return runFileOperation(async () => ((await exists(path)) ? readChunks(path) : undefined));
  }

  private path(jobId: string, attempt: number): string {
    return join(this.root, jobId, `${attempt.toString()}.ndjson`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Opens the file when the first chunk is requested, so that a caller that reads none leaves nothing open. */
async function* readChunks(path: string): AsyncGenerator<OutputChunk> {
  try {
    const file: AsyncIterable<Buffer> = createReadStream(path);
    for await (const line of readLines(file)) yield chunkFromLine(line);
  } catch (error) {
    throw new StorageUnavailableError(error);
  }
}
