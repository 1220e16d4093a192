/** LOG_FILE is tried at the start: made with its directories, kept as it is, or told as a fault. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, readEnvironment } from './environment';
import { checkLogFile } from './log-file';

const faultsOf = (LOG_FILE: string): string[] => checkLogFile(readEnvironment({ LOG_FILE }));

describe('LOG_FILE', () => {
  const directory = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('may be left out', () => {
    expect(faultsOf('')).toEqual([]);
  });

  it('is made with the directories above it', () => {
    const path = join(directory, 'a/b/c.log');
    expect(faultsOf(path)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('keeps its lines', () => {
    const path = join(directory, 'old.log');
    writeFileSync(path, 'a line\n');
    expect(faultsOf(path)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('a line\n');
  });

  it.each(['/proc/nope/x.log', '/dev/null/x.log', directory])('%s is a fault, like any other', (path) => {
    expect(faultsOf(path)).toEqual([expect.stringMatching(/^LOG_FILE: cannot be written: .+/)]);
    const read = () => readEnvironment({ LOG_FILE: path, DEBUG: 'x' }, checkLogFile);
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(/DEBUG: [^]*LOG_FILE: /);
  });
});
