/** Files that are there whole or not at all, also after a loss of power. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';

const TEMPORARY = '.tmp';

/**
 * Writes through a temporary file beside the target: write, fsync, rename, fsync of the directory.
 * @param mode `once` leaves a file that is there as it is, and throws EEXIST
 */
export async function writeFileAtomically(
  path: string,
  mode: 'once' | 'replace',
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const directory = dirname(path);
  await makeDirectory(directory);
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

/** A rename would replace what is there; a link does not (link(2)). */
async function linkOnce(temporary: string, path: string): Promise<void> {
  await link(temporary, path);
  await rm(temporary);
}

/** Removing a file that is not there is no fault. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes what writers left that died before their rename. */
export async function removeTemporaryFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(TEMPORARY))
      await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

/** A new directory is durable only when its parent is. */
async function makeDirectory(directory: string): Promise<void> {
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
