/** The directory of the engine's files: nobody else's, and put right when it was cleaned. */
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

/** Of each file below a directory, by its path. */
const contentsOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );

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
    expect(() => engineFilesProvider(workDir + ending)).toThrow(/^ENGINE_WORK_DIR \S+ is a link or a file/);
  });

  it('need a directory', () => {
    writeFileSync(workDir, '');
    expect(() => engineFilesProvider(workDir)).toThrow(EngineError);
  });

  it('are made anew when one is missing, or all are', () => {
    const files = engineFilesProvider(workDir);
    const before = files();
    const all = contentsOf(before.directory);
    for (const path of [...Object.keys(all), before.directory, workDir]) {
      rmSync(path, { recursive: true });
      expect(files()).toEqual(before);
      expect(contentsOf(before.directory)).toEqual(all);
    }
  });

  it('are the supervisor, what programs read of accounts and hosts, and what interpreters wait in', () => {
    const { directory, supervisor, etc } = engineFilesProvider(workDir)();
    expect(supervisor.startsWith(directory)).toBe(true);
    expect(readFileSync(supervisor)).toEqual(readFileSync(join(__dirname, 'supervisor.pl')));
    expect(readdirSync(join(directory, 'etc')).sort()).toEqual([...etc].sort());
    const hooks = join(__dirname, '../runtimes/preload');
    expect(readdirSync(join(directory, PRELOAD_DIR)).sort()).toEqual(readdirSync(hooks).sort());
  });
});
