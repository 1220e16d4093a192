/** What was compiled once is run again as it was compiled, and nothing that a run does reaches it. */
import { rmSync } from 'node:fs';
import { CompiledProgramCache } from '../../src/engine/compiled-program-cache';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

const close: (() => Promise<void>)[] = [];
const engineWith = async (overrides: Record<string, string>): Promise<WarmEngine> => {
  const engine = await WarmEngine.start(overrides);
  close.push(engine.close);
  return engine;
};
afterAll(async () => {
  for (const each of close) await each();
});

const go = (text: string): string => `package main\nfunc main() { println("${text}") }`;

describe('A program that was compiled before', () => {
  let engine: WarmEngine;
  const workDir = createTemporaryDirectory();
  beforeAll(async () => {
    engine = await engineWith({ ENGINE_WORK_DIR: workDir });
  });

  it.each([
    ['c', '#include <stdio.h>\n#warning "old"\nint main(void) { puts("a"); return 3; }'],
    ['java', 'class Main { public static void main(String[] a) { System.out.println(new Integer(1)); } }'],
    ['go', go('a')],
    ['typescript', 'const a: string = "a"; console.log(a);'],
  ])(
    'is not compiled again, and tells what the compiler said: %s',
    async (language, code) => {
      const [first, second] = [await engine.run(language, code), await engine.run(language, code)];
      expect([first.compileCached, second.compileCached]).toEqual([false, true]);
      const { verdict, exitCode, stdout, stderr, compile } = first;
      expect(second).toMatchObject({ verdict, exitCode, stdout, stderr, compile });
      expect((await engine.run(language, `${code}\n`)).compileCached).toBe(false);
    },
    60_000,
  );

  it('is another in another language', async () => {
    const code = 'int main(void) { return 0; }';
    expect((await engine.run('c', code)).compileCached).toBe(false);
    expect((await engine.run('cpp', code)).compileCached).toBe(false);
    expect((await engine.run('c', code)).compileCached).toBe(true);
  });

  it('is not kept when it failed to compile', async () => {
    for (let count = 0; count < 2; count += 1)
      expect(await engine.run('c', 'int main(')).toMatchObject({
        ...{ verdict: 'COMPILE_ERROR', compileCached: false },
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

  it('is there after a restart', async () => {
    const code = 'int main(void) { return 7; }';
    expect((await engine.run('c', code)).compileCached).toBe(false);
    await engine.close();
    close.length = 0;
    engine = await engineWith({ ENGINE_WORK_DIR: workDir });
    expect(await engine.run('c', code)).toMatchObject({ exitCode: 7, compileCached: true });
  });
});

it('What is compiled gives way when there is more than may be kept', async () => {
  const engine = await engineWith({
    ENGINE_WORK_DIR: createTemporaryDirectory(),
    ENGINE_COMPILE_CACHE_MB: '4',
  });
  const cached = async (text: string): Promise<boolean> => {
    const { stderr, compileCached } = await engine.run('go', go(text));
    expect(stderr).toBe(`${text}\n`);
    return compileCached;
  };
  for (const text of ['a', 'b', 'c', 'd']) expect(await cached(text)).toBe(false);
  expect(await cached('d')).toBe(true);
  expect(await cached('a')).toBe(false);
}, 60_000);

it('A program that another engine takes away just when it is wanted is compiled again', async () => {
  const engine = await engineWith({ ENGINE_WORK_DIR: createTemporaryDirectory() });
  const code = 'int main(void) { return 5; }';
  await engine.run('c', code);
  const find = jest.spyOn(CompiledProgramCache.prototype, 'find');
  find.mockImplementationOnce(function (this: CompiledProgramCache, key) {
    find.mockRestore();
    const kept = this.find(key);
    if (!kept) throw new Error('It was not kept');
    rmSync(kept.directory, { recursive: true });
    return kept;
  });
  expect(await engine.run('c', code)).toMatchObject({ exitCode: 5, compileCached: false });
  expect(await engine.run('c', code)).toMatchObject({ exitCode: 5 });
});

it('No program is kept when the cache is switched off', async () => {
  const engine = await engineWith({
    ENGINE_WORK_DIR: createTemporaryDirectory(),
    ENGINE_COMPILE_CACHE_MB: '0',
  });
  for (let count = 0; count < 2; count += 1)
    expect(await engine.run('c', 'int main(void) { return 0; }')).toMatchObject({ compileCached: false });
});
