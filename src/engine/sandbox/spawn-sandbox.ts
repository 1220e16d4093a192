import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { EngineError } from './engine.error';
import type { Launch } from './launch';

/**
 * Starts the process of a sandbox with the file descriptors that supervisor.pl expects. Most failures are `error` events of
 * the returned process; spawn() throws others, for example when memory is short.
 * @param joinPaths files by which processes join cgroups; opened as descriptors from 5 on
 * @throws EngineError
 */
export function spawnSandbox(launch: Launch, inputFd: number, joinPaths: readonly string[]): ChildProcess {
  const fds: number[] = [];
  try {
    for (const path of joinPaths) fds.push(openSync(path, 'w'));
    return spawn(launch.file, launch.args, {
      ...launch.options,
      // In a session of its own: Ctrl-C on the terminal must reach the server alone, which then shuts down gracefully.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', inputFd, launch.reportsPid ? 'pipe' : 'ignore', ...fds],
    });
  } catch (error) {
    throw startError(error as Error);
  } finally {
    fds.forEach((fd) => {
      closeSync(fd);
    });
  }
}

export const startError = (error: Error): EngineError =>
  new EngineError(`The sandbox could not be started: ${error.message}`, { cause: error });

/**
 * Reads the one JSON object that bubblewrap writes without closing the descriptor.
 * @returns undefined when the stream closes before the object is complete
 */
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
