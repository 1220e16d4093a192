import type pino from 'pino';
import { prettyFactory } from 'pino-pretty';

interface LogLine {
  readonly level?: number;
  readonly req?: { readonly id: string; readonly method: string; readonly url: string };
  readonly res?: { readonly status: number };
  readonly responseTime?: number;
  readonly request_id?: string;
}

const WARN = 40;
/** Fields that are part of the message or say nothing to a person at a terminal. */
const HIDDEN_FIELDS = 'pid,hostname,context,req,res,responseTime,request_id';

/**
 * Formats JSON log lines for a person at a terminal. Lines are formatted and written synchronously, without a worker
 * thread, so that none is lost when the process exits.
 */
export function readableStream(
  destination: pino.DestinationStream,
  { colorize }: { readonly colorize: boolean },
): pino.DestinationStream {
  const format = prettyFactory({
    colorize,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: HIDDEN_FIELDS,
    messageFormat: (line, messageKey) => formatMessage(line, String(line[messageKey] ?? '')),
  });
  return {
    write: (line) => {
      destination.write(format(line));
    },
  };
}

function formatMessage(line: LogLine, message: string): string {
  const { req, res, responseTime = 0, level = 0 } = line;
  const requestId = line.request_id ?? req?.id;
  const isFailure = level >= WARN || (res?.status ?? 0) >= 400;
  const text =
    req && res
      ? `${req.method} ${req.url} ${res.status.toString()} (${responseTime.toString()} ms)`
      : message;
  return isFailure && requestId !== undefined ? `${text} request_id=${requestId}` : text;
}
