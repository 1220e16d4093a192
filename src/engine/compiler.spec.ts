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

  it('removes the compiled files when they are released, even if the sandbox has exited before', async () => {
    const workspace = new Workspace(join(root, 'run'));
    workspace.create();
    const retain = jest.spyOn(workspace, 'retain');
    let removed = Promise.resolve();
    const sandbox = {
      run: () => {
        expect(retain).toHaveBeenCalledTimes(1);
        removed = workspace.remove();
        return Promise.resolve(RESULT);
      },
    };
    const runFactory = { create: () => Promise.resolve({ workspace, sandbox } as unknown as PreparedRun) };
    const compiler = new Compiler({
      settings: new EngineSettings(readEnvironment({}), '127.0.0.1'),
      runFactory: runFactory as unknown as RunFactory,
      resolvePaths: () => PATHS,
      programCache: undefined,
    });
    const installed = {
      runtime: c,
      version: '1',
      tools: { gcc: '/usr/bin/gcc' },
      toolchains: [],
      runToolchains: [],
    };
    const compile = c.compile ?? (() => []);
    const request = { compile, installed, code: '', fileName: 'main.c' };
    const result = await compiler.compile(request, {
      signal: new AbortController().signal,
      cacheDir: undefined,
    });
    if (result.kind !== 'success') throw new Error('The compilation failed');
    expect(existsSync(join(result.files.directory, 'main.c'))).toBe(true);
    result.release();
    await removed;
    expect(existsSync(workspace.appDir)).toBe(false);
  });
});
