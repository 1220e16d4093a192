import { writeSync } from 'node:fs';
import pino from 'pino';

/** Bytes to keep while the destination rejects writes. Later lines are dropped. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/**
 * A log destination that survives write errors, for example a full disk or a closed pipe. It reports the first error on
 * standard error.
 * @param dest a file descriptor or a path
 * @param name of the destination, for the message
 */
export function faultTolerantStream(dest: number | string, name: string): pino.DestinationStream {
  const stream = pino.destination({ dest, sync: true, maxLength: BUFFERED_BYTES_MAX });
  let isWarned = false;
  // Without a listener, the error would be thrown into the code that logs.
  stream.on('error', (error: Error) => {
    if (!isWarned) warn(`${name} cannot be written, log lines are lost: ${error.message}\n`);
    isWarned = true;
  });
  return { write: (line) => stream.write(line) };
}

function warn(sentence: string): void {
  try {
    writeSync(2, sentence);
  } catch {
    // Standard error may be closed, too, and there is no other place to report it.
  }
}
