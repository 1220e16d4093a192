import fs from 'node:fs';
import type { Logger } from '@nestjs/common';
import type { Language } from '../../engine-contract/language';
import { type EngineReport, logEngineReport } from './startup-report';

const language = (id: string, name: string, version: string | null): Language => ({
  id,
  name,
  aliases: [],
  extension: 'x',
  version,
  compiled: false,
  available: version !== null,
  warning: null,
});

const ENGINE: EngineReport = {
  name: 'embedded',
  isolation: 'bubblewrap',
  accounting: 'cgroup-v2',
  slots: 4,
  languages: [language('python', 'Python', '3.11.2'), language('ruby', 'Ruby', null)],
};

function report(engine: Partial<EngineReport>): string[] {
  const lines: string[] = [];
  const logger = {
    log: (line: string) => lines.push(`info ${line}`),
    warn: (line: string) => lines.push(`warn ${line}`),
  } as unknown as Logger;
  logEngineReport(logger, { ...ENGINE, ...engine });
  return lines;
}

describe('logEngineReport', () => {
  const mockAptGet = (exists: boolean): void => {
    jest.spyOn(fs, 'existsSync').mockReturnValue(exists);
  };
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('logs the engine, its languages and how to install the others', () => {
    mockAptGet(true);
    expect(report({})).toEqual([
      'info engine: embedded (4 slots, sandbox: bubblewrap, resource accounting: cgroup-v2)',
      'info languages: Python 3.11.2',
      'info languages that are not installed: Ruby; install with: sudo apt-get install -y ruby',
    ]);
  });

  it('names no command on a system without apt-get', () => {
    mockAptGet(false);
    expect(report({}).at(-1)).toBe('info languages that are not installed: Ruby');
  });

  it('warns when there is no sandbox and when no language is available', () => {
    expect(
      report({
        name: 'http://engine:9000',
        isolation: 'none',
        accounting: null,
        slots: undefined,
        languages: [],
      }),
    ).toEqual(['warn engine: http://engine:9000 (sandbox: none)', 'warn languages: none is available']);
  });
});
