/** The directory of the engine's files: nobody else's, and put right when it was cleaned. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineFault } from './engine-fault';
import { keptEngineFiles } from './engine-files';

describe('The files of the engine', () => {
  let root: string;
  let workDir: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    workDir = join(root, 'work');
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it.each(['', '/'])('are not put behind a link (ending %j)', (ending) => {
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), workDir);
    expect(() => keptEngineFiles(workDir + ending)).toThrow(/^ENGINE_WORK_DIR \S+ is a link or a file/);
  });

  it('need a directory', () => {
    writeFileSync(workDir, '');
    expect(() => keptEngineFiles(workDir)).toThrow(EngineFault);
  });

  it('are made anew when one is missing, or all are', () => {
    const files = keptEngineFiles(workDir);
    const before = files();
    rmSync(before.hosts);
    expect(files()).toEqual(before);
    expect(existsSync(before.hosts)).toBe(true);
    rmSync(workDir, { recursive: true });
    expect(Object.values(files()).every((path: string) => existsSync(path))).toBe(true);
  });
});
