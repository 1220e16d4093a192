/** Where log lines go, without the service ending when they cannot be written: a full disk, a reader that is gone. */
import { writeSync } from 'node:fs';
import pino from 'pino';

/** What is kept for when there is room again; later lines are dropped. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** @param dest a file descriptor or a path */
export function faultTolerantStream(dest: number | string, name: string): pino.DestinationStream {
  const stream = pino.destination({ dest, sync: true, maxLength: BUFFERED_BYTES_MAX });
  let isWarned = false;
  // Without a listener it would throw out of whatever wrote the line.
  stream.on('error', (error: Error) => {
    if (!isWarned) warn(`${name} cannot be written, log lines are lost: ${error.message}\n`);
    isWarned = true;
  });
  return { write: (line) => stream.write(line) };
}

/** Standard error may be gone in the same way, and there is nobody left to tell then. */
function warn(sentence: string): void {
  try {
    writeSync(2, sentence);
  } catch {
    // The log was the place for it.
  }
}
