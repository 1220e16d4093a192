import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { StorageUnavailableError } from '../../common/problems/storage-unavailable.error';
import { StorageSettings, storagePaths } from '../../config/settings';
import { ObjectStore } from '../../jobs/object.store';
import { removeFile, writeFileAtomically } from './atomic-file';

/** Objects as files under DATA_DIR/objects, with the same keys as in S3. */
@Injectable()
export class FileObjectStore extends ObjectStore {
  private readonly root: string;

  constructor(settings: StorageSettings) {
    super();
    this.root = storagePaths(settings.dataDir).objects;
  }

  async put(key: string, text: string): Promise<void> {
    const path = this.path(key);
    await runFileOperation(async () => {
      try {
        await writeFileAtomically(path, 'once', (file) => file.writeFile(text, 'utf8'));
      } catch (error) {
        const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
        if (!exists || (await readFile(path, 'utf8')) !== text) throw error;
      }
    });
  }

  async get(key: string): Promise<string> {
    return runFileOperation(() => readFile(this.path(key), 'utf8'));
  }

  async delete(key: string): Promise<void> {
    await runFileOperation(() => removeFile(this.path(key)));
  }

  async ping(): Promise<void> {
    await runFileOperation(() => mkdir(this.root, { recursive: true, mode: 0o700 }));
  }

  /** The service builds keys from ids and extensions, so no text of a client becomes part of a path. */
  private path(key: string): string {
    return join(this.root, key);
  }
}

/** @throws StorageUnavailableError if the operation fails */
export async function runFileOperation<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StorageUnavailableError(error);
  }
}
