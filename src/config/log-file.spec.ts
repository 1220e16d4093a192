import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, readEnvironment } from './environment';
import { checkLogFile } from './log-file';

const errorsOf = (LOG_FILE: string): string[] => checkLogFile(readEnvironment({ LOG_FILE }));

describe('LOG_FILE', () => {
  const directory = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('may be unset', () => {
    expect(errorsOf('')).toEqual([]);
  });

  it('is created with its directories', () => {
    const path = join(directory, 'a/b/c.log');
    expect(errorsOf(path)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('keeps the lines of an existing file', () => {
    const path = join(directory, 'old.log');
    writeFileSync(path, 'a line\n');
    expect(errorsOf(path)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('a line\n');
  });

  it.each(['/proc/nope/x.log', '/dev/null/x.log', directory])(
    '%s is reported together with other errors',
    (path) => {
      expect(errorsOf(path)).toEqual([expect.stringMatching(/^LOG_FILE: cannot be written: .+/)]);
      const read = () => readEnvironment({ LOG_FILE: path, DEBUG: 'x' }, checkLogFile);
      expect(read).toThrow(EnvironmentError);
      expect(read).toThrow(/DEBUG: [^]*LOG_FILE: /);
    },
  );
});
