import { isAbsolute, join } from 'node:path';
import { readEnvironment } from './environment';
import { LOOPBACK_ORIGIN } from './loopback';
import { EngineSettings, ExecutionSettings, LogSettings, ServerSettings, StorageSettings } from './settings';

const engine = (source: Record<string, string> = {}, listensOn = '127.0.0.1'): EngineSettings =>
  new EngineSettings(readEnvironment(source), listensOn);

describe('mayRunUnisolated', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', '::1', '[::1]'])(
    'is true in development on %s with ENGINE_SANDBOX=auto',
    (host) => {
      expect(engine({}, host).mayRunUnisolated).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '192.168.127.1',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '',
  ])('is false on %j, which other machines may reach', (host) => {
    expect(engine({}, host).mayRunUnisolated).toBe(false);
  });

  it.each(['test', 'staging', 'production'])('is false in %s', (ENVIRONMENT) => {
    expect(engine({ ENVIRONMENT }).mayRunUnisolated).toBe(false);
  });

  it('is false with ENGINE_SANDBOX=bubblewrap', () => {
    expect(engine({ ENGINE_SANDBOX: 'bubblewrap' }).mayRunUnisolated).toBe(false);
  });
});

describe('EngineSettings', () => {
  it('search tools in PATH and in the usual directories, without duplicates', () => {
    expect(engine({ PATH: '/opt/bin::/usr/bin:/opt/bin' }).searchPath).toEqual([
      '/opt/bin',
      '/usr/bin',
      '/usr/local/go/bin',
      '/usr/local/bin',
      '/bin',
    ]);
    expect(engine().searchPath).toContain('/usr/bin');
  });

  it('search tools only in ENGINE_PATH if it is set', () => {
    expect(engine({ PATH: '/opt/bin', ENGINE_PATH: '/a:/b' }).searchPath).toEqual(['/a', '/b']);
  });
});

describe('ServerSettings', () => {
  const server = (source: Record<string, string>): ServerSettings =>
    new ServerSettings(readEnvironment(source));

  it('have a public URL without trailing slashes, or none', () => {
    expect(server({ PUBLIC_URL: 'https://example.com/base//' }).publicUrl).toBe('https://example.com/base');
    expect(server({}).publicUrl).toBeUndefined();
  });

  it('allow loopback origins only in development, and listed origins everywhere', () => {
    expect(server({}).corsOrigins).toEqual([LOOPBACK_ORIGIN]);
    expect(server({ CORS_ORIGINS: 'http://a' }).corsOrigins).toEqual(['http://a']);
    expect(server({ ENVIRONMENT: 'production' }).corsOrigins).toEqual([]);
    expect(server({ ENVIRONMENT: 'production', CORS_ORIGINS: '*' }).corsOrigins).toBe('*');
    expect(server({ CORS_ORIGINS: 'http://a, http://b ,' }).corsOrigins).toEqual(['http://a', 'http://b']);
  });
});

describe('The other settings', () => {
  it('have an absolute DATA_DIR', () => {
    expect(isAbsolute(new StorageSettings(readEnvironment({})).dataDir)).toBe(true);
    expect(new StorageSettings(readEnvironment({ DATA_DIR: 'x' })).dataDir).toBe(join(process.cwd(), 'x'));
  });

  it('have no engine URL when it is empty, and remove a trailing slash', () => {
    const execution = (url: string) => new ExecutionSettings(readEnvironment({ EXECUTION_ENGINE_URL: url }));
    expect([execution('').engineUrl, execution('http://e:9/').engineUrl]).toEqual([undefined, 'http://e:9']);
  });

  it('limit the timeout of a program to EXECUTION_ENGINE_TIMEOUT by default', () => {
    const most = (environment: Record<string, string>) =>
      new ExecutionSettings(readEnvironment(environment)).timeoutMsMax;
    expect(most({})).toBe(20_000);
    expect(most({ EXECUTION_ENGINE_TIMEOUT: '7000' })).toBe(7000);
    expect(most({ EXECUTION_ENGINE_TIMEOUT: '7000', EXECUTION_TIMEOUT_MAX: '600' })).toBe(600);
  });

  it('log at debug level when DEBUG is true', () => {
    const level = (source: Record<string, string>) => new LogSettings(readEnvironment(source)).level;
    expect([level({}), level({ LOG_LEVEL: 'warn' }), level({ LOG_LEVEL: 'warn', DEBUG: 'true' })]).toEqual([
      'info',
      'warn',
      'debug',
    ]);
  });
});
