import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { StorageSettings, storagePaths } from '../../config/settings';
import { removeTemporaryFiles } from './atomic-file';
import { SqliteJobRepository } from './sqlite-job.repository';

/** Removes at start-up the files that a killed process left: of unfinished uploads, and of finished or rejected requests. */
@Injectable()
export class EmbeddedStorageCleaner implements OnModuleInit {
  private readonly logger = new Logger(EmbeddedStorageCleaner.name);

  constructor(
    private readonly settings: StorageSettings,
    private readonly jobs: SqliteJobRepository,
  ) {}

  /** The repository holds the database lock by now, so no other process writes here. */
  async onModuleInit(): Promise<void> {
    const { objects } = storagePaths(this.settings.dataDir);
    const uploads = join(objects, 'uploads');
    await mkdir(uploads, { recursive: true, mode: 0o700 });
    await removeTemporaryFiles(objects);
    const orphans = (await readdir(uploads)).filter((file) => this.isOrphan(parse(file).name));
    for (const file of orphans) await rm(join(uploads, file), { force: true });
    if (orphans.length > 0)
      this.logger.warn({ count: orphans.length }, 'removed the code of unfinished uploads');
    await this.removeRequests(join(objects, 'requests'));
  }

  /** Removes the stored requests of executions that are finished, or were never queued. */
  private async removeRequests(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const activeKeys = this.jobs.findActiveRequestKeys();
    for (const file of await readdir(directory)) {
      const isObsolete = isUuid(parse(file).name) && !activeKeys.has(`requests/${file}`);
      if (isObsolete) await rm(join(directory, file), { force: true });
    }
  }

  /** Code is named after its job. Other files are not touched. */
  private isOrphan(name: string): boolean {
    return isUuid(name) && !this.jobs.exists(name);
  }
}
