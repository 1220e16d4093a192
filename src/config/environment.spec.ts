import { availableParallelism } from 'node:os';
import { EnvironmentError, readEnvironment } from './environment';

function errorsOf(source: Record<string, unknown>): readonly string[] {
  try {
    readEnvironment(source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.errors;
    throw error;
  }
}

const namesOf = (source: Record<string, unknown>): string[] =>
  errorsOf(source).map((error) => error.slice(0, error.indexOf(':')));

describe('readEnvironment', () => {
  it('returns the documented defaults for an empty environment', () => {
    expect(readEnvironment({})).toMatchObject({
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: 8000,
      ENVIRONMENT: 'development',
      DEBUG: false,
      PUBLIC_URL: undefined,
      STORAGE_BACKEND: 'embedded',
      DATA_DIR: './data',
      EXECUTION_ENGINE_URL: undefined,
      EXECUTION_ENGINE_TIMEOUT: 30_000,
      LOG_LEVEL: 'info',
      LOG_FILE: undefined,
      CODE_MAX_BYTES: 1_048_576,
      INPUT_MAX_BYTES: 1_048_576,
      ENGINE_SLOTS: availableParallelism(),
    });
  });

  it('treats an empty or blank variable as not set', () => {
    const { PATH: _, ...names } = readEnvironment({});
    for (const blank of ['', ' ', '\t'])
      expect(readEnvironment(Object.fromEntries(Object.keys(names).map((name) => [name, blank])))).toEqual(
        readEnvironment({}),
      );
  });

  it('reads every type of value and trims surrounding spaces', () => {
    expect(
      readEnvironment({ SERVER_PORT: ' 0 ', DEBUG: '1', SERVER_HOST: ' ::1\n', LOG_FILE: 'a b.log' }),
    ).toMatchObject({ SERVER_PORT: 0, DEBUG: true, SERVER_HOST: '::1', LOG_FILE: 'a b.log' });
    expect(['true', 'false', '1', '0'].map((DEBUG) => readEnvironment({ DEBUG }).DEBUG)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('ignores unknown variables', () => {
    expect(readEnvironment({ HOME: '/root', SERVER_PROT: 'x' })).toEqual(readEnvironment({}));
  });

  it('reports all errors together, each with the name of its variable', () => {
    const invalid = {
      SERVER_PORT: '65536',
      ENVIRONMENT: 'prod',
      DEBUG: 'yes',
      PUBLIC_URL: 'localhost',
      LOG_LEVEL: 'loud',
      STORAGE_BACKEND: 'floppy',
      EXECUTION_ENGINE_URL: 'ftp://x',
      ENGINE_SLOTS: '0',
      ENGINE_SANDBOX: 'off',
    };
    expect(namesOf(invalid).sort()).toEqual(Object.keys(invalid).sort());
    expect(new EnvironmentError(errorsOf(invalid)).message).toMatch(
      /^Invalid configuration:(\n {2}\w+: .+){9}$/,
    );
  });

  it.each([
    ['SERVER_PORT', 0, 65_535] as const,
    ['ENGINE_PORT', 0, 65_535] as const,
    ['CODE_MAX_BYTES', 1, 67_108_864] as const,
    ['INPUT_MAX_BYTES', 0, 67_108_864] as const,
    ['EXECUTION_ENGINE_TIMEOUT', 1, 86_400_000] as const,
    ['SHUTDOWN_GRACE', 0, 86_400_000] as const,
    ['ENGINE_SLOTS', 1, 1024] as const,
    ['ENGINE_QUEUE_MAX', 0, 100_000] as const,
    ['ENGINE_MEMORY_MB', 16, 1_048_576] as const,
    ['ENGINE_PROCESSES_MAX', 8, 32_768] as const,
    ['ENGINE_OUTPUT_MAX_BYTES', 1024, 1_073_741_824] as const,
    ['ENGINE_DISK_MB', 1, 1_048_576] as const,
    ['ENGINE_WARM_MEMORY_MB', 0, 1_048_576] as const,
    ['ENGINE_COMPILE_CACHE_MB', 0, 1_048_576] as const,
  ])('accepts %s from %d to %d and rejects values outside', (name, least, most) => {
    expect([least, most].map((value) => errorsOf({ [name]: value.toString() }))).toEqual([[], []]);
    for (const value of [least - 1, most + 1]) expect(errorsOf({ [name]: value.toString() })).not.toEqual([]);
  });

  it.each(['1e3', '1.5', '0x10', '+5', 'ten', '5 0', '9'.repeat(16)])('rejects %j as a number', (value) => {
    expect(namesOf({ SERVER_PORT: value })).toEqual(['SERVER_PORT']);
  });

  it.each([
    'http://localhost:9000',
    'https://engine',
    'http://10.0.0.1/base/',
    'http://my_engine:1',
    'http://[::1]:9000',
  ])('accepts the URL %s', (url) => {
    expect(errorsOf({ EXECUTION_ENGINE_URL: url, PUBLIC_URL: url })).toEqual([]);
  });

  it.each(['10.0.0.1', '10.0.0.0/16', '::1, fd00::/8 ,127.0.0.1'])('accepts the proxies %s', (value) => {
    expect(errorsOf({ TRUSTED_PROXIES: value })).toEqual([]);
  });

  it.each([
    'proxy',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.1 10.0.0.2',
    'true',
    '1',
  ])('rejects the proxies %j', (value) => {
    expect(namesOf({ TRUSTED_PROXIES: value })).toEqual(['TRUSTED_PROXIES']);
  });

  it('rejects a maximum timeout that is longer than EXECUTION_ENGINE_TIMEOUT', () => {
    const source = { EXECUTION_TIMEOUT_MAX: '10001', EXECUTION_ENGINE_TIMEOUT: '10000' };
    expect(namesOf(source)).toEqual(['EXECUTION_TIMEOUT_MAX']);
    expect(errorsOf({ ...source, EXECUTION_TIMEOUT_MAX: '10000' })).toEqual([]);
  });
});
