import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Environment } from './environment';

/**
 * Creates LOG_FILE and its directories if they do not exist, so that a path that cannot be written fails the start.
 * @returns the errors of the setting
 */
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

/** The `recursive` option of mkdir loops forever in /proc, which exists but rejects new directories with ENOENT. */
function createDirectory(path: string): void {
  if (existsSync(path)) return;
  createDirectory(dirname(path));
  mkdirSync(path);
}
