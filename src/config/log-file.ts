/** Whether LOG_FILE can be written: told at the start, and not when a line is missed. */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Environment } from './environment';

/** Makes it and the directories above it, and leaves what is there as it is. */
export function checkLogFile({ LOG_FILE }: Environment): string[] {
  if (LOG_FILE === undefined) return [];
  try {
    createDirectory(dirname(resolve(LOG_FILE)));
    closeSync(openSync(LOG_FILE, 'a'));
    return [];
  } catch (error) {
    return [`LOG_FILE: cannot be written: ${(error as Error).message}`];
  }
}

/** Node's own `recursive` never ends where a directory is there and refuses with ENOENT, as /proc does. */
function createDirectory(path: string): void {
  if (existsSync(path)) return;
  createDirectory(dirname(path));
  mkdirSync(path);
}
