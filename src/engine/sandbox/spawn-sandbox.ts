/** Starts the process of a sandbox, with the descriptors that supervisor.pl expects, and reads the pid that it announces. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EngineError } from './engine.error';
import type { Launch } from './launch';

/** Most failures of `spawn` are events; some it throws, as when memory is short. @throws EngineError */
export function spawnSandbox(launch: Launch, inputFd: number, entries: readonly string[]): ChildProcess {
  const groups: number[] = [];
  try {
    for (const path of entries) groups.push(openSync(path, 'w'));
    return spawn(launch.file, launch.args, {
      ...launch.options,
      stdio: ['pipe', 'pipe', 'pipe', inputFd, launch.reportsPid ? 'pipe' : 'ignore', ...groups],
    });
  } catch (error) {
    throw startError(error as Error);
  } finally {
    groups.forEach((group) => {
      closeSync(group);
    });
  }
}

export const startError = (error: Error): EngineError =>
  new EngineError(`The sandbox could not be started: ${error.message}`, { cause: error });

/** bubblewrap writes one JSON object and leaves the descriptor open. */
export function readJson(stream: Readable): Promise<unknown> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      if (text.trimEnd().endsWith('}')) resolve(JSON.parse(text));
    });
    stream.on('close', () => {
      resolve(undefined);
    });
  });
}
