import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';

const TEMPORARY = '.tmp';

/**
 * Writes a file atomically: it is complete or absent, even after a power failure. Writes a temporary file beside the target,
 * syncs it, renames it and syncs the directory.
 * @param mode `once` throws EEXIST if the file exists, and leaves it unchanged
 */
export async function writeFileAtomically(
  path: string,
  mode: 'once' | 'replace',
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const directory = dirname(path);
  await createDirectory(directory);
  const temporary = `${path}.${randomUUID()}${TEMPORARY}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    if (mode === 'once') await linkOnce(temporary, path);
    else await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** Unlike a rename, a link does not replace an existing file (link(2)). */
async function linkOnce(temporary: string, path: string): Promise<void> {
  await link(temporary, path);
  await rm(temporary);
}

/** Removes a file durably. A missing file is not an error. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes the temporary files of writers that died before their rename. */
export async function removeTemporaryFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(TEMPORARY))
      await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

/** Creates the directory durably: a new entry is durable only after its parent directory is synced. */
async function createDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncDirectory(dirname(first));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
