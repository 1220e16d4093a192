import { fromSnakeCase, toSnakeCase } from './snake-case';

const DOMAIN = {
  exitCode: 0,
  stdoutBytes: 6,
  memoryMb: 9.1,
  signal: null,
  resource: { cpuTimeMs: 3 },
  results: [{ queuedMs: 1, errorMessage: 'Text_with aCapital.' }],
};
const WIRE = {
  exit_code: 0,
  stdout_bytes: 6,
  memory_mb: 9.1,
  signal: null,
  resource: { cpu_time_ms: 3 },
  results: [{ queued_ms: 1, error_message: 'Text_with aCapital.' }],
};

describe('snake case', () => {
  it('renames the fields of objects and lists at every level, and changes no value', () => {
    expect(toSnakeCase(DOMAIN)).toStrictEqual(WIRE);
    expect(fromSnakeCase<typeof DOMAIN>(WIRE)).toStrictEqual(DOMAIN);
  });

  it('leaves out fields that are undefined', () => {
    expect(toSnakeCase({ exitCode: undefined })).toStrictEqual({});
  });
});
