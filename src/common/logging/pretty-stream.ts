import type pino from 'pino';
import { type PrettyOptions, prettyFactory } from 'pino-pretty';

interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly req?: { readonly id: string; readonly method: string; readonly url: string };
  readonly res?: { readonly status: number };
  readonly responseTime?: number;
  readonly request_id?: string;
}

/** The numeric level of pino. */
const WARN = 40;
/** Fields that are part of the message or say nothing to a person at a terminal. */
const HIDDEN_FIELDS = 'pid,hostname,context,req,res,responseTime,request_id';

/**
 * Formats JSON log lines for a person at a terminal. Lines are formatted and written synchronously, without a worker
 * thread, so that none is lost when the process exits. Colours depend on the terminal and NO_COLOR unless `colorize` is set.
 */
export function prettyStream(
  destination: pino.DestinationStream,
  options: Pick<PrettyOptions, 'colorize'> = {},
): pino.DestinationStream {
  const format = prettyFactory({
    ...options,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: HIDDEN_FIELDS,
    messageFormat: formatMessage,
  });
  return {
    write: (line) => {
      destination.write(format(line));
    },
  };
}

function formatMessage(line: LogLine): string {
  const { req, res, responseTime = 0, level = 0, msg = '' } = line;
  const requestId = line.request_id ?? req?.id;
  const isFailure = level >= WARN || (res?.status ?? 0) >= 400;
  const text =
    req && res ? `${req.method} ${req.url} ${res.status.toString()} (${responseTime.toString()} ms)` : msg;
  return isFailure && requestId !== undefined ? `${text} request_id=${requestId}` : text;
}
