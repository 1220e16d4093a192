/** Which sandboxes wait, and that nothing which happens to those makes a run wrong. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryKill } from '../../src/engine/sandbox/marked-processes';
import { createMarker } from '../support/leftovers';
import { findProcesses, listDescendants } from '../support/processes';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

const SANDBOX = /^(\S*bwrap |sandbox )/;
const DONE = { verdict: 'OK', stdout: 'done\n' };
const PYTHON = 'print("done")';

const ownProcesses = (pattern: RegExp): number[] =>
  listDescendants(process.pid)
    .filter((each) => pattern.test(each.arguments))
    .map(({ pid }) => pid);

let engine: WarmEngine;
const begin = async (overrides: Record<string, string> = {}): Promise<void> => {
  engine = await WarmEngine.start({ ENGINE_WORK_DIR: createTemporaryDirectory(), ...overrides });
};
afterEach(() => engine.close());

describe('Sandboxes that wait', () => {
  it('are not made while a run has the only slot', async () => {
    await begin({ ENGINE_SLOTS: '1' });
    await engine.waitForWarm('java');
    const marker = createMarker();
    const code = `import subprocess\nsubprocess.run(["sleep", "${marker}"])`;
    await engine.waitForWarm('python');
    const running = engine.run('python', code, { jobId: 'long' });
    while (findProcesses(marker).length === 0) await engine.warmCounts();
    const waiting = engine.run('python', PYTHON);
    const before = await engine.warmCounts();
    expect(before).toMatchObject({ python: 0 });
    // More than enough answers for an interpreter to be loaded meanwhile.
    for (let count = 0; count < 300; count += 1) expect(await engine.warmCounts()).toEqual(before);
    await engine.cancel('long');
    expect(await running).toMatchObject({ verdict: 'CANCELLED' });
    expect(await waiting).toMatchObject(DONE);
    await engine.waitForWarm('python');
  });

  it('are more of what is wanted more', async () => {
    await begin({ ENGINE_SLOTS: '2', ENGINE_WARM_MEMORY_MB: '1024' });
    for (let count = 0; count < 5; count += 1) await engine.runWarm('python', PYTHON);
    await engine.waitForWarm('python', 3);
    expect(await engine.warmCounts()).toMatchObject({ javascript: 1, java: 1 });
  });

  it('give way to what is wanted, where there is no room for both', async () => {
    await begin({ ENGINE_SLOTS: '2', ENGINE_WARM_MEMORY_MB: '48' });
    for (let count = 0; count < 8; count += 1) expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
    await engine.waitForWarm('python', 2);
    expect(await engine.warmCounts()).toMatchObject({ java: 0 });
    expect((await engine.run('javascript', 'console.log("done")')).stdout).toBe('done\n');
  });

  it('are none when they are switched off', async () => {
    await begin({ ENGINE_WARM_MEMORY_MB: '0' });
    expect(await engine.warmCounts()).toBeNull();
    expect(await engine.run('python', PYTHON)).toMatchObject({ ...DONE, sandbox: 'cold' });
    expect(ownProcesses(/^sandbox idle/)).toEqual([]);
  });

  it('are not used when their directories were cleaned away', async () => {
    const workDir = createTemporaryDirectory();
    await begin({ ENGINE_WORK_DIR: workDir });
    for (const kind of ['python', 'java', 'empty']) await engine.waitForWarm(kind);
    const runs = join(workDir, 'runs');
    for (const name of readdirSync(runs)) rmSync(join(runs, name), { recursive: true, force: true });
    expect(await engine.run('python', PYTHON)).toMatchObject({ ...DONE, sandbox: 'cold' });
    expect(await engine.run('bash', 'cat', { input: 'done\n' })).toMatchObject(DONE);
    expect(await engine.runWarm('python', PYTHON)).toMatchObject(DONE);
  });

  describe.each([
    ['interpreter', /^\S*python3 -u -B /],
    ['sandbox', /^sandbox idle/],
  ])('of which somebody kills the %s', (_name, pattern) => {
    const killed = async (): Promise<void> => {
      await begin();
      for (const kind of ['python', 'javascript', 'java']) await engine.waitForWarm(kind);
      const victims = ownProcesses(pattern);
      expect(victims).not.toEqual([]);
      // The end of the first process of a sandbox is that of the others in it.
      victims.forEach(tryKill);
    };

    it('are replaced', async () => {
      await killed();
      while ((await engine.warmCounts())?.['python'] !== 0);
      expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
      expect(await engine.runWarm('python', PYTHON)).toMatchObject(DONE);
    });

    it('do no harm to the run that comes at that very moment', async () => {
      await killed();
      expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
    });
  });
});

it('An engine that ends takes along all that wait', async () => {
  await begin();
  for (const kind of ['python', 'javascript', 'java', 'empty']) await engine.waitForWarm(kind);
  expect(ownProcesses(SANDBOX)).not.toEqual([]);
  await engine.close();
  expect(ownProcesses(SANDBOX)).toEqual([]);
  await begin();
});
