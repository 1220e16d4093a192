import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from './engine.error';
import { PRELOAD_DIR, engineFilesProvider } from './engine-files';

/** Contents of all files below a directory, by path. */
const readFiles = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );

describe('engineFilesProvider', () => {
  let root: string;
  let workDir: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    workDir = join(root, 'work');
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it.each(['', '/'])('rejects a working directory that is a link (suffix %j)', (suffix) => {
    mkdirSync(join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), workDir);
    expect(() => engineFilesProvider(workDir + suffix)).toThrow(/^ENGINE_WORK_DIR \S+ is a link or a file/);
  });

  it('rejects a working directory that is a file', () => {
    writeFileSync(workDir, '');
    expect(() => engineFilesProvider(workDir)).toThrow(EngineError);
  });

  it('restores one missing file, or all of them', () => {
    const files = engineFilesProvider(workDir);
    const before = files();
    const all = readFiles(before.directory);
    for (const path of [...Object.keys(all), before.directory, workDir]) {
      rmSync(path, { recursive: true });
      expect(files()).toEqual(before);
      expect(readFiles(before.directory)).toEqual(all);
    }
  });

  it('installs the supervisor, the files for /etc and the preload hooks', () => {
    const { directory, supervisor, etc } = engineFilesProvider(workDir)();
    expect(supervisor.startsWith(directory)).toBe(true);
    expect(readFileSync(supervisor)).toEqual(readFileSync(join(__dirname, 'supervisor.pl')));
    expect(readdirSync(join(directory, 'etc')).sort()).toEqual([...etc].sort());
    const hooks = join(__dirname, '../runtimes/preload');
    expect(readdirSync(join(directory, PRELOAD_DIR)).sort()).toEqual(readdirSync(hooks).sort());
  });
});
