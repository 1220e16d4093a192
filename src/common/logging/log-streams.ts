import pino from 'pino';
import type { LogSettings } from '../../config/settings';
import { faultTolerantStream } from './fault-tolerant-stream';
import { prettyStream } from './pretty-stream';

const STDOUT_FD = 1;

interface LogStreamOptions {
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Standard output and, if it is set, LOG_FILE. Both get the same lines as JSON, except that standard output has
 * readable lines when it is a terminal in development.
 */
export function createLogStreams(settings: LogSettings, options: LogStreamOptions): pino.MultiStreamRes {
  const level = settings.level === 'silent' ? 'fatal' : settings.level;
  const streams: pino.StreamEntry[] = [{ level, stream: createStdoutStream(settings, options) }];
  if (settings.file !== undefined) {
    streams.push({ level, stream: faultTolerantStream(settings.file, 'LOG_FILE') });
  }
  return pino.multistream(streams);
}

function createStdoutStream(
  { isDevelopment }: LogSettings,
  { isTerminal }: LogStreamOptions,
): pino.DestinationStream {
  const stdout = faultTolerantStream(STDOUT_FD, 'Standard output');
  return isDevelopment && isTerminal ? prettyStream(stdout) : stdout;
}
