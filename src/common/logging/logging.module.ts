/** Structured logs on standard output, and the same lines in LOG_FILE. */
import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import pino from 'pino';
import { LogSettings } from '../../config/settings';
import { faultTolerantStream } from './fault-tolerant-stream';

/** Nest prefers a module that is already configured; this one asks for its settings itself. */
export const LoggingModule = LoggerModule.forRootAsync({
  inject: [LogSettings],
  useFactory: (settings: LogSettings) => ({
    pinoHttp: [
      {
        level: settings.level,
        quietReqLogger: true,
        customAttributeKeys: { reqId: 'request_id' },
        // Fastify has given the request its id; headers and bodies stay out: they may hold secrets and code.
        serializers: {
          req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
          res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
        },
        autoLogging: { ignore: isProbe },
      },
      createStreams(settings),
    ],
  }),
});

function createStreams({ file, level }: LogSettings): pino.MultiStreamRes {
  const streams: pino.StreamEntry[] = [
    { level: levelOf(level), stream: faultTolerantStream(1, 'Standard output') },
  ];
  if (file !== undefined) {
    streams.push({ level: levelOf(level), stream: faultTolerantStream(file, 'LOG_FILE') });
  }
  return pino.multistream(streams);
}

const levelOf = (level: LogSettings['level']): pino.Level => (level === 'silent' ? 'fatal' : level);

/** Probes come every few seconds and say nothing. */
const isProbe = ({ url = '' }: IncomingMessage): boolean => /^\/(api\/)?health\b/.test(url);
