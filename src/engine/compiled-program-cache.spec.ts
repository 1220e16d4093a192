import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CompileReport } from '../engine-contract/report';
import { CompiledProgramCache, copyTree } from './compiled-program-cache';
import type { InstalledRuntime } from './runtimes/runtime.registry';
import type { Program } from './sandbox/prepared-sandbox';

const KIB = 1024;
/** More than all entries of a test need. */
const PLENTY = 1024 * KIB;
const REPORT = { stdout: 'warning', stderr: '', exitCode: 0, signal: null } as CompileReport;
const INSTALLED = { runtime: { id: 'java' }, version: '17.0.1' } as InstalledRuntime;
const PROGRAM = { command: ['javac', 'Main.java'], environment: { CACHE: '' } } as unknown as Program;

describe('CompiledProgramCache', () => {
  let workDir: string;
  let root: string;
  let compileDir: string;
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    root = join(workDir, 'compiled');
    compileDir = join(workDir, 'made');
    mkdirSync(compileDir);
  });
  afterEach(() => {
    rmSync(workDir, { recursive: true, force: true });
  });

  const open = (bytesMax: number): CompiledProgramCache => {
    const cache = new CompiledProgramCache(root, bytesMax);
    cache.open();
    return cache;
  };
  /** Creates a directory like the one that a compilation leaves behind. */
  const createCompiled = (name: string, bytes: number): string => {
    const directory = join(compileDir, name);
    mkdirSync(join(directory, 'classes'), { recursive: true });
    writeFileSync(join(directory, 'classes', 'Main.class'), name.padEnd(bytes));
    return directory;
  };
  const store = (cache: CompiledProgramCache, key: string, bytes: number): void => {
    cache.store(key, createCompiled(key, bytes), REPORT);
  };
  const contains = (cache: CompiledProgramCache, ...keys: string[]): boolean[] =>
    keys.map((key) => cache.find(key) !== undefined);

  it('finds a stored program with the report of its compilation', () => {
    const cache = open(PLENTY);
    expect(cache.find('key')).toBeUndefined();
    store(cache, 'key', KIB);
    const found = cache.find('key');
    expect(found?.report).toEqual(REPORT);
    expect(readFileSync(join(found?.directory ?? '', 'classes', 'Main.class'), 'utf8').trim()).toBe('key');
  });

  it('keeps a program when the directory of its compilation is removed', () => {
    const cache = open(PLENTY);
    store(cache, 'key', KIB);
    rmSync(compileDir, { recursive: true });
    expect(readdirSync(join(cache.find('key')?.directory ?? '', 'classes'))).toEqual(['Main.class']);
  });

  it('uses hard links instead of copies, for its own files and for those of the runs', () => {
    const cache = open(PLENTY);
    store(cache, 'key', KIB);
    const directory = cache.find('key')?.directory ?? '';
    copyTree(directory, join(compileDir, 'run'));
    const directories = [join(compileDir, 'key'), directory, join(compileDir, 'run')];
    const inodes = directories.map((each) => statSync(join(each, 'classes', 'Main.class')).ino);
    expect(new Set(inodes).size).toBe(1);
  });

  it('neither follows nor stores symbolic links, which could point outside the program', () => {
    const cache = open(PLENTY);
    const directory = createCompiled('key', KIB);
    const outside = createCompiled('outside', KIB);
    symlinkSync(outside, join(directory, 'directory'));
    symlinkSync(join(outside, 'classes', 'Main.class'), join(directory, 'classes', 'file'));
    symlinkSync('/nonexistent', join(directory, 'dangling'));
    cache.store('key', directory, REPORT);
    const found = cache.find('key')?.directory ?? '';
    expect(readdirSync(found, { recursive: true }).sort()).toEqual(['classes', 'classes/Main.class']);
  });

  describe('keyOf', () => {
    const keyOf: CompiledProgramCache['keyOf'] = (...parts) =>
      new CompiledProgramCache('', 0).keyOf(...parts);
    const key = keyOf(INSTALLED, PROGRAM, 'Main.java', 'code');

    it('returns the same key for equal arguments, which is usable as a directory name', () => {
      expect(keyOf({ ...INSTALLED }, { ...PROGRAM }, 'Main.java', 'code')).toBe(key);
      expect(key).toMatch(/^[0-9a-f]{64}$/);
    });

    it.each<[string, string]>([
      ['language', keyOf({ ...INSTALLED, runtime: { id: 'kotlin' } as never }, PROGRAM, 'Main.java', 'code')],
      ['version', keyOf({ ...INSTALLED, version: '17.0.2' }, PROGRAM, 'Main.java', 'code')],
      ['command', keyOf(INSTALLED, { ...PROGRAM, command: ['javac Main.java'] }, 'Main.java', 'code')],
      ['environment', keyOf(INSTALLED, { ...PROGRAM, environment: {} }, 'Main.java', 'code')],
      ['file name', keyOf(INSTALLED, PROGRAM, 'Other.java', 'code')],
      ['code', keyOf(INSTALLED, PROGRAM, 'Main.java', 'code ')],
      ['boundary between name and code', keyOf(INSTALLED, PROGRAM, 'Main.javac', 'ode')],
    ])('returns another key for another %s', (_part, other) => {
      expect(other).not.toBe(key);
    });
  });

  describe('with a bound', () => {
    it('evicts the least recently used entry first', () => {
      const cache = open(8 * KIB);
      for (const key of ['a', 'b']) store(cache, key, 3 * KIB);
      cache.find('a');
      store(cache, 'c', 3 * KIB);
      expect(contains(cache, 'a', 'b', 'c')).toEqual([true, false, true]);
    });

    it('evicts as many entries as a new one needs', () => {
      const cache = open(8 * KIB);
      for (const key of ['a', 'b', 'c']) store(cache, key, 2 * KIB);
      store(cache, 'd', 6 * KIB);
      expect(contains(cache, 'a', 'b', 'c', 'd')).toEqual([false, false, false, true]);
    });

    it('counts the compile reports', () => {
      const cache = open(8 * KIB);
      const report = { ...REPORT, stderr: 'warning\n'.repeat(KIB / 2) };
      for (const key of ['a', 'b', 'c']) cache.store(key, createCompiled(key, 1), report);
      expect(contains(cache, 'a', 'b', 'c')).toEqual([false, false, true]);
    });

    it('does not store a program that is larger than the whole cache, and evicts nothing for it', () => {
      const cache = open(8 * KIB);
      store(cache, 'a', KIB);
      store(cache, 'large', 8 * KIB + 1);
      expect(contains(cache, 'a', 'large')).toEqual([true, false]);
      expect(readdirSync(root)).toEqual(['a']);
    });

    it('of 0 stores nothing', () => {
      const cache = open(0);
      store(cache, 'key', 1);
      expect(contains(cache, 'key')).toEqual([false]);
      expect(readdirSync(root)).toEqual([]);
    });

    it('that is lower at the next start evicts when it opens', () => {
      const before = open(PLENTY);
      for (const key of ['a', 'b']) store(before, key, 3 * KIB);
      age('a', 2);
      age('b', 1);
      before.find('a');
      expect(contains(open(5 * KIB), 'a', 'b')).toEqual([true, false]);
    });

    it('can be filled repeatedly', () => {
      const cache = open(8 * KIB);
      for (let round = 0; round < 3; round += 1) {
        for (const key of ['a', 'b', 'c']) {
          store(cache, `${key}${round.toString()}`, 6 * KIB);
          expect(contains(cache, `${key}${round.toString()}`)).toEqual([true]);
        }
      }
    });
  });

  /** Sets the last use of an entry to minutes ago, because two uses in a test may have the same timestamp. */
  const age = (key: string, minutes: number): void => {
    const usedAt = new Date(Date.now() - minutes * 60_000);
    for (const name of readdirSync(join(root, key))) utimesSync(join(root, key, name), usedAt, usedAt);
  };

  it('survives a restart', () => {
    const before = open(PLENTY);
    store(before, 'key', KIB);
    const found = before.find('key');
    expect(open(PLENTY).find('key')).toEqual(found);
  });

  it('keeps all entries over a restart, even if it is full', () => {
    const [before, bytes] = [open(2 * KIB), KIB / 2];
    const keys = ['a', 'b', 'c', 'd'];
    for (const key of keys) store(before, key, bytes);
    const kept = contains(before, ...keys);
    expect(contains(open(2 * KIB), ...keys)).toEqual(kept);
  });

  it('removes incomplete entries of another engine when it opens', () => {
    store(open(PLENTY), 'key', KIB);
    mkdirSync(join(root, '.partial-4711', 'app'), { recursive: true });
    writeFileSync(join(root, '.partial-4711', 'app', 'Main.class'), 'half');
    expect(contains(open(PLENTY), 'key')).toEqual([true]);
    expect(readdirSync(root)).toEqual(['key']);
  });

  it.each(['all', 'app', 'report.json'])('treats an externally removed entry as missing (%s)', (part) => {
    const cache = open(PLENTY);
    store(cache, 'key', KIB);
    const entry = dirname(cache.find('key')?.directory ?? '');
    rmSync(part === 'all' ? entry : join(entry, part), { recursive: true });
    expect(cache.find('key')).toBeUndefined();
    store(cache, 'key', KIB);
    expect(contains(cache, 'key')).toEqual([true]);
  });

  it('does not count externally removed entries', () => {
    const cache = open(8 * KIB);
    for (const key of ['a', 'b']) store(cache, key, 3 * KIB);
    rmSync(join(root, 'b'), { recursive: true });
    cache.find('b');
    store(cache, 'c', 3 * KIB);
    expect(contains(cache, 'a', 'c')).toEqual([true, true]);
  });

  it('recreates its directory if it has been removed', () => {
    const cache = open(PLENTY);
    rmSync(root, { recursive: true });
    store(cache, 'key', KIB);
    expect(contains(cache, 'key')).toEqual([true]);
  });

  it('keeps the first of two entries for one key, counts it once, and removes the second', () => {
    const cache = open(8 * KIB);
    store(cache, 'other', 3 * KIB);
    cache.store('key', createCompiled('first', 3 * KIB), REPORT);
    cache.store('key', createCompiled('second', 3 * KIB), REPORT);
    const file = join(cache.find('key')?.directory ?? '', 'classes', 'Main.class');
    expect(readFileSync(file, 'utf8').trim()).toBe('first');
    expect(contains(cache, 'other')).toEqual([true]);
    expect(readdirSync(root).sort()).toEqual(['key', 'other']);
  });

  it('stores nothing and does not throw if the directory of the compilation no longer exists', () => {
    const cache = open(PLENTY);
    cache.store('key', join(compileDir, 'missing'), REPORT);
    expect(cache.find('key')).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
  });
});
