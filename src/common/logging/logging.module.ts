import type { IncomingMessage } from 'node:http';
import { LoggerModule } from 'nestjs-pino';
import { LogSettings } from '../../config/settings';
import { createLogStreams } from './log-streams';

/** Structured logs of the application and of every request, except for health probes. */
export const LoggingModule = LoggerModule.forRootAsync({
  inject: [LogSettings],
  useFactory: (settings: LogSettings) => ({
    pinoHttp: [
      {
        level: settings.level,
        quietReqLogger: true,
        customAttributeKeys: { reqId: 'request_id' },
        // Fastify has assigned the request id. Headers and bodies are not logged: they may hold secrets and code.
        serializers: {
          req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
          res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
        },
        autoLogging: { ignore: isProbe },
      },
      createLogStreams(settings, { isTerminal: process.stdout.isTTY }),
    ],
  }),
});

/** Orchestrators send a health probe every few seconds. */
const isProbe = ({ url = '' }: IncomingMessage): boolean => /^\/(api\/)?health\b/.test(url);
