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

const findOwnProcesses = (pattern: RegExp): number[] =>
  listDescendants(process.pid)
    .filter((each) => pattern.test(each.arguments))
    .map(({ pid }) => pid);

let engine: WarmEngine;
const start = async (overrides: Record<string, string> = {}): Promise<void> => {
  engine = await WarmEngine.start({ ENGINE_WORK_DIR: createTemporaryDirectory(), ...overrides });
};
afterEach(() => engine.close());

describe('Prepared sandboxes', () => {
  it('are not created while a run holds the only slot', async () => {
    await start({ ENGINE_SLOTS: '1' });
    await engine.waitForWarm('java');
    const marker = createMarker();
    const code = `import subprocess\nsubprocess.run(["sleep", "${marker}"])`;
    await engine.waitForWarm('python');
    const running = engine.run('python', code, { jobId: 'long' });
    while (findProcesses(marker).length === 0) await engine.warmCounts();
    const queued = engine.run('python', PYTHON);
    const before = await engine.warmCounts();
    expect(before).toMatchObject({ python: 0 });
    // These requests take longer than preloading an interpreter.
    for (let count = 0; count < 300; count += 1) expect(await engine.warmCounts()).toEqual(before);
    await engine.cancel('long');
    expect(await running).toMatchObject({ verdict: 'CANCELLED' });
    expect(await queued).toMatchObject(DONE);
    await engine.waitForWarm('python');
  });

  it('are more for a language with a higher demand', async () => {
    await start({ ENGINE_SLOTS: '2', ENGINE_WARM_MEMORY_MB: '1024' });
    for (let count = 0; count < 5; count += 1) await engine.runWarm('python', PYTHON);
    await engine.waitForWarm('python', 3);
    expect(await engine.warmCounts()).toMatchObject({ javascript: 1, java: 1 });
  });

  it('are evicted for a language with a higher demand when the memory does not suffice for both', async () => {
    await start({ ENGINE_SLOTS: '2', ENGINE_WARM_MEMORY_MB: '48' });
    for (let count = 0; count < 8; count += 1) expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
    await engine.waitForWarm('python', 2);
    expect(await engine.warmCounts()).toMatchObject({ java: 0 });
    expect((await engine.run('javascript', 'console.log("done")')).stdout).toBe('done\n');
  });

  it('are not created when they are disabled', async () => {
    await start({ ENGINE_WARM_MEMORY_MB: '0' });
    expect(await engine.warmCounts()).toBeNull();
    expect(await engine.run('python', PYTHON)).toMatchObject({ ...DONE, sandbox: 'cold' });
    expect(findOwnProcesses(/^sandbox idle/)).toEqual([]);
  });

  it('are not used when their workspaces were deleted', async () => {
    const workDir = createTemporaryDirectory();
    await start({ ENGINE_WORK_DIR: workDir });
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
  ])('whose %s is killed', (_name, pattern) => {
    const killAll = async (): Promise<void> => {
      await start();
      for (const kind of ['python', 'javascript', 'java']) await engine.waitForWarm(kind);
      const victims = findOwnProcesses(pattern);
      expect(victims).not.toEqual([]);
      // When the first process of a sandbox exits, the others exit, too.
      victims.forEach(tryKill);
    };

    it('are replaced', async () => {
      await killAll();
      while ((await engine.warmCounts())?.['python'] !== 0);
      expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
      expect(await engine.runWarm('python', PYTHON)).toMatchObject(DONE);
    });

    it('do not affect a run that starts at the same moment', async () => {
      await killAll();
      expect(await engine.run('python', PYTHON)).toMatchObject(DONE);
    });
  });
});

it('An engine removes its prepared sandboxes when it shuts down', async () => {
  await start();
  for (const kind of ['python', 'javascript', 'java', 'empty']) await engine.waitForWarm(kind);
  expect(findOwnProcesses(SANDBOX)).not.toEqual([]);
  await engine.close();
  expect(findOwnProcesses(SANDBOX)).toEqual([]);
  await start();
});
