import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'nestjs-pino';

/** Contexts in which Nest logs each module, controller and route while it starts. */
const STARTUP_CONTEXTS: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Logs what Nest reports about its own start at `debug` instead of `info`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...parameters: unknown[]): void {
    if (STARTUP_CONTEXTS.has(parameters.at(-1))) this.logger.debug(message, ...parameters);
    else this.logger.log(message, ...parameters);
  }

  fatal(message: unknown, ...parameters: unknown[]): void {
    this.logger.fatal(message, ...parameters);
  }

  error(message: unknown, ...parameters: unknown[]): void {
    this.logger.error(message, ...parameters);
  }

  warn(message: unknown, ...parameters: unknown[]): void {
    this.logger.warn(message, ...parameters);
  }

  debug(message: unknown, ...parameters: unknown[]): void {
    this.logger.debug(message, ...parameters);
  }

  verbose(message: unknown, ...parameters: unknown[]): void {
    this.logger.verbose(message, ...parameters);
  }
}
