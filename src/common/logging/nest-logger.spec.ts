import type { Logger } from 'nestjs-pino';
import { NestLogger } from './nest-logger';

describe('NestLogger', () => {
  const calls: unknown[][] = [];
  const record =
    (level: string) =>
    (...args: unknown[]): void => {
      calls.push([level, ...args]);
    };
  const logger = new NestLogger({
    log: record('log'),
    debug: record('debug'),
    warn: record('warn'),
  } as unknown as Logger);
  beforeEach(() => {
    calls.length = 0;
  });

  it.each(['RouterExplorer', 'InstanceLoader', 'RoutesResolver', 'NestFactory', 'NestApplication'])(
    'logs what %s reports during the start at debug',
    (context) => {
      logger.log('a line', context);
      expect(calls).toEqual([['debug', 'a line', context]]);
    },
  );

  it('keeps the level of other contexts and of warnings', () => {
    logger.log('a line', 'Startup');
    logger.log('a line without a context');
    logger.warn('a warning', 'RouterExplorer');
    expect(calls).toEqual([
      ['log', 'a line', 'Startup'],
      ['log', 'a line without a context'],
      ['warn', 'a warning', 'RouterExplorer'],
    ]);
  });
});
