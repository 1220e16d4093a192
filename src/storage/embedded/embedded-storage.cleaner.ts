/** Removes at start what a process left that died in the middle of an upload. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { StorageSettings, storagePaths } from '../../config/settings';
import { removeTemporaryFiles } from './atomic-file';
import { SqliteJobRepository } from './sqlite-job.repository';

@Injectable()
export class EmbeddedStorageCleaner implements OnModuleInit {
  private readonly logger = new Logger(EmbeddedStorageCleaner.name);

  constructor(
    private readonly settings: StorageSettings,
    private readonly jobs: SqliteJobRepository,
  ) {}

  /** The repository's lock is held by now, so no other process is writing here. */
  async onModuleInit(): Promise<void> {
    const { objects } = storagePaths(this.settings.dataDir);
    const uploads = join(objects, 'uploads');
    await mkdir(uploads, { recursive: true, mode: 0o700 });
    await removeTemporaryFiles(objects);
    const orphans = (await readdir(uploads)).filter((file) => this.isOrphan(parse(file).name));
    for (const file of orphans) await rm(join(uploads, file), { force: true });
    if (orphans.length > 0)
      this.logger.warn(`${orphans.length.toString()} uploads that were cut off are removed`);
    await this.removeRequests(join(objects, 'requests'));
  }

  /** Those that were carried out, or never accepted. */
  private async removeRequests(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const wanted = this.jobs.findActiveRequestKeys();
    for (const file of await readdir(directory)) {
      const isOurs = isUuid(parse(file).name) && !wanted.has(`requests/${file}`);
      if (isOurs) await rm(join(directory, file), { force: true });
    }
  }

  /** Code is named after its job; whatever else somebody keeps here is none of ours. */
  private isOrphan(name: string): boolean {
    return isUuid(name) && !this.jobs.exists(name);
  }
}
