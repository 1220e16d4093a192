/** What was compiled once is found again: the same, nothing else, and within bounds. */
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
/** Far more than any test here needs. */
const PLENTY = 1024 * KIB;
const REPORT = { stdout: 'warning', stderr: '', exitCode: 0, signal: null } as CompileReport;
const INSTALLED = { runtime: { id: 'java' }, version: '17.0.1' } as InstalledRuntime;
const PROGRAM = { command: ['javac', 'Main.java'], environment: { CACHE: '' } } as unknown as Program;

describe('CompiledProgramCache', () => {
  let workDir: string;
  let root: string;
  let made: string;
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    root = join(workDir, 'compiled');
    made = join(workDir, 'made');
    mkdirSync(made);
  });
  afterEach(() => {
    rmSync(workDir, { recursive: true, force: true });
  });

  const open = (bytesMax: number): CompiledProgramCache => {
    const cache = new CompiledProgramCache(root, bytesMax);
    cache.open();
    return cache;
  };
  /** A directory as a compilation leaves it. */
  const compiled = (name: string, bytes: number): string => {
    const directory = join(made, name);
    mkdirSync(join(directory, 'classes'), { recursive: true });
    writeFileSync(join(directory, 'classes', 'Main.class'), name.padEnd(bytes));
    return directory;
  };
  const put = (cache: CompiledProgramCache, key: string, bytes: number): void => {
    cache.store(key, compiled(key, bytes), REPORT);
  };
  const isIn = (cache: CompiledProgramCache, ...keys: string[]): boolean[] =>
    keys.map((key) => cache.find(key) !== undefined);

  it('finds what was put in, with what the compiler said', () => {
    const cache = open(PLENTY);
    expect(cache.find('key')).toBeUndefined();
    put(cache, 'key', KIB);
    const found = cache.find('key');
    expect(found?.report).toEqual(REPORT);
    expect(readFileSync(join(found?.directory ?? '', 'classes', 'Main.class'), 'utf8').trim()).toBe('key');
  });

  it('still has it when the directory of the compilation is gone', () => {
    const cache = open(PLENTY);
    put(cache, 'key', KIB);
    rmSync(made, { recursive: true });
    expect(readdirSync(join(cache.find('key')?.directory ?? '', 'classes'))).toEqual(['Main.class']);
  });

  it('has links to the files, no copies, and gives links to the runs', () => {
    const cache = open(PLENTY);
    put(cache, 'key', KIB);
    const directory = cache.find('key')?.directory ?? '';
    copyTree(directory, join(made, 'run'));
    const places = [join(made, 'key'), directory, join(made, 'run')];
    const inodes = places.map((place) => statSync(join(place, 'classes', 'Main.class')).ino);
    expect(new Set(inodes).size).toBe(1);
  });

  it('neither follows links nor takes them in: they could lead to what is not the program’s', () => {
    const cache = open(PLENTY);
    const directory = compiled('key', KIB);
    const outside = compiled('outside', KIB);
    symlinkSync(outside, join(directory, 'directory'));
    symlinkSync(join(outside, 'classes', 'Main.class'), join(directory, 'classes', 'file'));
    symlinkSync('/nonexistent', join(directory, 'dangling'));
    cache.store('key', directory, REPORT);
    const found = cache.find('key')?.directory ?? '';
    expect(readdirSync(found, { recursive: true }).sort()).toEqual(['classes', 'classes/Main.class']);
  });

  describe('has a key that', () => {
    const keyOf: CompiledProgramCache['keyOf'] = (...parts) =>
      new CompiledProgramCache('', 0).keyOf(...parts);
    const key = keyOf(INSTALLED, PROGRAM, 'Main.java', 'code');

    it('is the same for the same, in every engine, and is a name for a directory', () => {
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
      ['border between name and code', keyOf(INSTALLED, PROGRAM, 'Main.javac', 'ode')],
    ])('is another for another %s', (_part, other) => {
      expect(other).not.toBe(key);
    });
  });

  describe('is bounded', () => {
    it('so that what was used least recently goes first', () => {
      const cache = open(8 * KIB);
      for (const key of ['a', 'b']) put(cache, key, 3 * KIB);
      cache.find('a');
      put(cache, 'c', 3 * KIB);
      expect(isIn(cache, 'a', 'b', 'c')).toEqual([true, false, true]);
    });

    it('so that as many go as one needs', () => {
      const cache = open(8 * KIB);
      for (const key of ['a', 'b', 'c']) put(cache, key, 2 * KIB);
      put(cache, 'd', 6 * KIB);
      expect(isIn(cache, 'a', 'b', 'c', 'd')).toEqual([false, false, false, true]);
    });

    it('with what the compilers said', () => {
      const cache = open(8 * KIB);
      const report = { ...REPORT, stderr: 'warning\n'.repeat(KIB / 2) };
      for (const key of ['a', 'b', 'c']) cache.store(key, compiled(key, 1), report);
      expect(isIn(cache, 'a', 'b', 'c')).toEqual([false, false, true]);
    });

    it('so that what is too large for all of it is not kept, and takes nothing away', () => {
      const cache = open(8 * KIB);
      put(cache, 'a', KIB);
      put(cache, 'large', 8 * KIB + 1);
      expect(isIn(cache, 'a', 'large')).toEqual([true, false]);
      expect(readdirSync(root)).toEqual(['a']);
    });

    it('so that 0 keeps nothing', () => {
      const cache = open(0);
      put(cache, 'key', 1);
      expect(isIn(cache, 'key')).toEqual([false]);
      expect(readdirSync(root)).toEqual([]);
    });

    it('also where less is given at the next start', () => {
      const before = open(PLENTY);
      for (const key of ['a', 'b']) put(before, key, 3 * KIB);
      age('a', 2);
      age('b', 1);
      before.find('a');
      expect(isIn(open(5 * KIB), 'a', 'b')).toEqual([true, false]);
    });

    it('and can be filled up again', () => {
      const cache = open(8 * KIB);
      for (let round = 0; round < 3; round += 1) {
        for (const key of ['a', 'b', 'c']) {
          put(cache, `${key}${round.toString()}`, 6 * KIB);
          expect(isIn(cache, `${key}${round.toString()}`)).toEqual([true]);
        }
      }
    });
  });

  /** Makes an entry seem to have been used minutes ago: a clock may not tell two moments of a test apart. */
  const age = (key: string, minutes: number): void => {
    const usedAt = new Date(Date.now() - minutes * 60_000);
    for (const name of readdirSync(join(root, key))) utimesSync(join(root, key, name), usedAt, usedAt);
  };

  it('survives the engine', () => {
    const before = open(PLENTY);
    put(before, 'key', KIB);
    const found = before.find('key');
    expect(open(PLENTY).find('key')).toEqual(found);
  });

  it('finds all of it again though it was full', () => {
    const [before, bytes] = [open(2 * KIB), KIB / 2];
    const keys = ['a', 'b', 'c', 'd'];
    for (const key of keys) put(before, key, bytes);
    const kept = isIn(before, ...keys);
    expect(isIn(open(2 * KIB), ...keys)).toEqual(kept);
  });

  it('takes away at its start what another engine had half written', () => {
    put(open(PLENTY), 'key', KIB);
    mkdirSync(join(root, '.partial-4711', 'app'), { recursive: true });
    writeFileSync(join(root, '.partial-4711', 'app', 'Main.class'), 'half');
    expect(isIn(open(PLENTY), 'key')).toEqual([true]);
    expect(readdirSync(root)).toEqual(['key']);
  });

  it.each(['all', 'app', 'report.json'])('misses what somebody took away from outside (%s)', (part) => {
    const cache = open(PLENTY);
    put(cache, 'key', KIB);
    const entry = dirname(cache.find('key')?.directory ?? '');
    rmSync(part === 'all' ? entry : join(entry, part), { recursive: true });
    expect(cache.find('key')).toBeUndefined();
    put(cache, 'key', KIB);
    expect(isIn(cache, 'key')).toEqual([true]);
  });

  it('does not count what somebody took away from outside', () => {
    const cache = open(8 * KIB);
    for (const key of ['a', 'b']) put(cache, key, 3 * KIB);
    rmSync(join(root, 'b'), { recursive: true });
    cache.find('b');
    put(cache, 'c', 3 * KIB);
    expect(isIn(cache, 'a', 'c')).toEqual([true, true]);
  });

  it('makes its directory anew when somebody took it away', () => {
    const cache = open(PLENTY);
    rmSync(root, { recursive: true });
    put(cache, 'key', KIB);
    expect(isIn(cache, 'key')).toEqual([true]);
  });

  it('keeps the first of two that are put in for one key, counts it once, and leaves nothing of the other', () => {
    const cache = open(8 * KIB);
    put(cache, 'other', 3 * KIB);
    cache.store('key', compiled('first', 3 * KIB), REPORT);
    cache.store('key', compiled('second', 3 * KIB), REPORT);
    const file = join(cache.find('key')?.directory ?? '', 'classes', 'Main.class');
    expect(readFileSync(file, 'utf8').trim()).toBe('first');
    expect(isIn(cache, 'other')).toEqual([true]);
    expect(readdirSync(root).sort()).toEqual(['key', 'other']);
  });

  it('is not at fault when the directory of the compilation was taken away before', () => {
    const cache = open(PLENTY);
    cache.store('key', join(made, 'gone'), REPORT);
    expect(cache.find('key')).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
  });
});
