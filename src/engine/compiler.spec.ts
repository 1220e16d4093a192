/** What was compiled is there until it was copied, however soon the sandbox of its compiler goes. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../config/environment';
import { EngineSettings } from '../config/settings';
import { Compiler } from './compiler';
import type { PreparedRun, RunFactory } from './pool/run-factory';
import { c } from './runtimes/c';
import { PATHS } from './sandbox/bubblewrap-launch';
import type { SandboxResult } from './sandbox/prepared-sandbox';
import { Workspace } from './workspaces';

const RESULT: Partial<SandboxResult> = { exitCode: 0, wallMs: 1, cpuMs: 1, memoryBytes: 1 };

describe('Compiler', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('keeps the program until it is released, and not longer', async () => {
    const workspace = new Workspace(join(root, 'run'));
    workspace.create();
    const keep = jest.spyOn(workspace, 'retain');
    let removed = Promise.resolve();
    const sandbox = {
      run: () => {
        expect(keep).toHaveBeenCalledTimes(1);
        removed = workspace.remove();
        return Promise.resolve(RESULT);
      },
    };
    const runFactory = { create: () => Promise.resolve({ workspace, sandbox } as unknown as PreparedRun) };
    const compiler = new Compiler({
      settings: new EngineSettings(readEnvironment({}), '127.0.0.1'),
      runFactory: runFactory as unknown as RunFactory,
      pathsOf: () => PATHS,
      compiled: undefined,
    });
    const installed = {
      ...{ runtime: c, version: '1', tools: { gcc: '/usr/bin/gcc' } },
      ...{ toolchains: [], runToolchains: [] },
    };
    const compile = c.compile ?? (() => []);
    const source = { compile, installed, request: { code: '' }, fileName: 'main.c' };
    const compilation = await compiler.compile(source, {
      signal: new AbortController().signal,
      cacheDir: undefined,
    });
    if (compilation.kind !== 'program') throw new Error('It was not compiled');
    expect(existsSync(join(compilation.compiled.directory, 'main.c'))).toBe(true);
    compilation.release();
    await removed;
    expect(existsSync(workspace.appDir)).toBe(false);
  });
});
