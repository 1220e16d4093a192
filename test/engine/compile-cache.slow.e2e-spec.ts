import { rmSync } from 'node:fs';
import { CompiledProgramCache } from '../../src/engine/compiled-program-cache';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

const close: (() => Promise<void>)[] = [];
const startEngine = async (overrides: Record<string, string>): Promise<WarmEngine> => {
  const engine = await WarmEngine.start(overrides);
  close.push(engine.close);
  return engine;
};
afterAll(async () => {
  for (const each of close) await each();
});

const goProgram = (text: string): string => `package main\nfunc main() { println("${text}") }`;

describe('A compiled program', () => {
  let engine: WarmEngine;
  const workDir = createTemporaryDirectory();
  beforeAll(async () => {
    engine = await startEngine({ ENGINE_WORK_DIR: workDir });
  });

  it.each([
    ['c', '#include <stdio.h>\n#warning "old"\nint main(void) { puts("a"); return 3; }'],
    ['java', 'class Main { public static void main(String[] a) { System.out.println(new Integer(1)); } }'],
    ['go', goProgram('a')],
    ['typescript', 'const a: string = "a"; console.log(a);'],
  ])(
    'is not compiled again, and its report contains the output of the compiler: %s',
    async (language, code) => {
      const [first, second] = [await engine.run(language, code), await engine.run(language, code)];
      expect([first.compileCached, second.compileCached]).toEqual([false, true]);
      const { verdict, exitCode, stdout, stderr, compile } = first;
      expect(second).toMatchObject({ verdict, exitCode, stdout, stderr, compile });
      expect((await engine.run(language, `${code}\n`)).compileCached).toBe(false);
    },
    60_000,
  );

  it('is cached separately for each language', async () => {
    const code = 'int main(void) { return 0; }';
    expect((await engine.run('c', code)).compileCached).toBe(false);
    expect((await engine.run('cpp', code)).compileCached).toBe(false);
    expect((await engine.run('c', code)).compileCached).toBe(true);
  });

  it('is not cached when the compilation fails', async () => {
    for (let count = 0; count < 2; count += 1)
      expect(await engine.run('c', 'int main(')).toMatchObject({
        verdict: 'COMPILE_ERROR',
        compileCached: false,
      });
  });

  it.each([
    [
      'c',
      '#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf("%d%d%d", !fopen("/app/main", "r+"), unlink("/app/main"), rename("/app/main", "/app/x")); }',
      '1-1-1',
    ],
    [
      'java',
      'import java.io.*; class Main { public static void main(String[] a) throws Exception { File f = new File("/app/classes/Main.class"); System.out.print(f.exists() + "" + f.delete() + f.setWritable(true)); try { new FileOutputStream(f); } catch (IOException e) { System.out.print("refused"); } } }',
      'truefalsefalserefused',
    ],
  ])('cannot be changed by its own run: %s', async (language, code, stdout) => {
    for (const compileCached of [false, true, true])
      expect(await engine.run(language, code)).toMatchObject({ verdict: 'OK', stdout, compileCached });
  });

  it('is still cached after a restart', async () => {
    const code = 'int main(void) { return 7; }';
    expect((await engine.run('c', code)).compileCached).toBe(false);
    await engine.close();
    close.length = 0;
    engine = await startEngine({ ENGINE_WORK_DIR: workDir });
    expect(await engine.run('c', code)).toMatchObject({ exitCode: 7, compileCached: true });
  });
});

it('The cache removes the programs that were used least recently when it is full', async () => {
  const engine = await startEngine({
    ENGINE_WORK_DIR: createTemporaryDirectory(),
    ENGINE_COMPILE_CACHE_MB: '4',
  });
  const cached = async (text: string): Promise<boolean> => {
    const { stderr, compileCached } = await engine.run('go', goProgram(text));
    expect(stderr).toBe(`${text}\n`);
    return compileCached;
  };
  for (const text of ['a', 'b', 'c', 'd']) expect(await cached(text)).toBe(false);
  expect(await cached('d')).toBe(true);
  expect(await cached('a')).toBe(false);
}, 60_000);

it('A cached program that another engine removes at the moment of its use is compiled again', async () => {
  const engine = await startEngine({ ENGINE_WORK_DIR: createTemporaryDirectory() });
  const code = 'int main(void) { return 5; }';
  await engine.run('c', code);
  const find = jest.spyOn(CompiledProgramCache.prototype, 'find');
  find.mockImplementationOnce(function (this: CompiledProgramCache, key) {
    find.mockRestore();
    const cached = this.find(key);
    if (!cached) throw new Error('The program is not cached');
    rmSync(cached.directory, { recursive: true });
    return cached;
  });
  expect(await engine.run('c', code)).toMatchObject({ exitCode: 5, compileCached: false });
  expect(await engine.run('c', code)).toMatchObject({ exitCode: 5 });
});

it('No program is cached when the cache is disabled', async () => {
  const engine = await startEngine({
    ENGINE_WORK_DIR: createTemporaryDirectory(),
    ENGINE_COMPILE_CACHE_MB: '0',
  });
  for (let count = 0; count < 2; count += 1)
    expect(await engine.run('c', 'int main(void) { return 0; }')).toMatchObject({ compileCached: false });
});
