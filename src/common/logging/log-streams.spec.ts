import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { readEnvironment } from '../../config/environment';
import { LogSettings } from '../../config/settings';
import { createLogStreams } from './log-streams';

describe('createLogStreams', () => {
  const directory = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  const file = join(directory, 'service.log');
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** What one line becomes on standard output and in LOG_FILE. */
  function log(environment: string, isTerminal: boolean): { stdout: string; file: string } {
    rmSync(file, { force: true });
    const written: string[] = [];
    const { writeSync } = fs;
    jest.spyOn(fs, 'writeSync').mockImplementation((fd: number, text: string) => {
      if (fd !== 1) return writeSync(fd, text);
      written.push(text);
      return Buffer.byteLength(text);
    });
    const settings = new LogSettings(readEnvironment({ ENVIRONMENT: environment, LOG_FILE: file }));
    pino({ base: null, timestamp: false }, createLogStreams(settings, { isTerminal })).info('a line');
    jest.restoreAllMocks();
    return { stdout: written.join(''), file: readFileSync(file, 'utf8') };
  }

  const JSON_LINE = '{"level":30,"msg":"a line"}\n';

  it('formats standard output for people on a terminal in development, and LOG_FILE as JSON', () => {
    const { stdout, file: logFile } = log('development', true);
    expect(stdout).toMatch(/INFO.*a line/);
    expect(stdout).not.toContain('{');
    expect(logFile).toBe(JSON_LINE);
  });

  it.each([
    ['development', false],
    ['production', true],
    ['production', false],
  ])('writes JSON to both in %s with a terminal: %s', (environment, isTerminal) => {
    expect(log(environment, isTerminal)).toEqual({ stdout: JSON_LINE, file: JSON_LINE });
  });
});
