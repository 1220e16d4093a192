/** Processes that cannot be started are a fault to handle, not the end of the server. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CgroupJoinPaths } from './resource-controller';
import { EngineError } from './engine.error';
import { encodeMessage } from './frames';
import type { Launch } from './launch';
import { openEmptyInput } from './sandbox.fixture';
import { SandboxedProcess } from './sandboxed-process';

const MISSING: Launch = {
  file: '/nonexistent/bwrap',
  args: [],
  options: { cwd: '/', env: {} },
  program: { directory: '/', environment: {} },
  reportsPid: true,
};
const NO_ENTRIES = { sandbox: [], program: [] };

/** Takes every descriptor, then starts a sandbox; prints the name and the message of what that gives. */
const WITHOUT_DESCRIPTORS = `
const { openSync, readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');
require.extensions['.ts'] = (module, path) => {
  const jsc = { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true };
  const { code } = transformSync(readFileSync(path, 'utf8'), { jsc, module: { type: 'commonjs' } });
  module._compile(code, path);
};
const { SandboxedProcess } = require(process.argv[1]);
const input = openSync('/dev/null');
try { for (;;) openSync('/dev/null'); } catch {}
const launch = { file: '/bin/cat', args: [], options: { cwd: '/', env: {} }, reportsPid: true };
const sandboxed = new SandboxedProcess(launch, input, { sandbox: [], program: [] });
sandboxed.stop();
Promise.allSettled([sandboxed.pid(), sandboxed.start([])]).then((ends) => {
  for (const { reason } of ends) console.log(reason.constructor.name + ': ' + reason.message);
});
`;

describe('SandboxedProcess', () => {
  it.each([true, false])('tells that its file is missing (announces its pid: %j)', async (reportsPid) => {
    const input = await openEmptyInput();
    const sandboxed = new SandboxedProcess({ ...MISSING, reportsPid }, input.fd, NO_ENTRIES);
    await expect(sandboxed.pid()).rejects.toThrow(EngineError);
    await expect(sandboxed.start([])).rejects.toThrow(/could not be started: .*ENOENT/);
    sandboxed.stop();
    await sandboxed.exited();
    await input.close();
  });

  it('outlives a lack of descriptors', async () => {
    const script = ['-e', WITHOUT_DESCRIPTORS, join(__dirname, 'sandboxed-process.ts')];
    const { stdout } = await promisify(execFile)('prlimit', ['--nofile=64', process.execPath, ...script]);
    const fault = 'EngineError: The sandbox could not be started: spawn /bin/cat EMFILE\n';
    expect(stdout).toBe(fault + fault);
  });

  describe('with a supervisor', () => {
    let sandboxed: SandboxedProcess;
    const say = (script: string, entries: CgroupJoinPaths = NO_ENTRIES): void => {
      const launch = { ...MISSING, file: '/bin/sh', args: ['-c', script], reportsPid: false };
      sandboxed = new SandboxedProcess(launch, 0, entries);
    };
    afterEach(async () => {
      sandboxed.stop();
      await sandboxed.exited();
    });
    const READY = `printf 's\\000\\000\\000\\000'`;
    const LOADED = `printf 'w\\000\\000\\000\\000'`;

    it('is ready, loads, and begins, each when the supervisor says so', async () => {
      say(`${READY}; ${LOADED}; printf 'r\\000\\000\\000\\0122816 3 2 1'; cat >/dev/null`);
      await sandboxed.whenReady();
      await sandboxed.preload([]);
      const result = { exitCode: 11, signal: null, wallMs: 0.003, cpuMs: 0.002, residentBytes: 1024 };
      expect(await sandboxed.start([])).toEqual(result);
    });

    it('has what it and its program enter from descriptor 5 on, and is told how many there are of each', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'service-server-test-'));
      const [own, cpu, program] = ['own', 'cpu', 'program'].map((name) => join(directory, name));
      const entries = { sandbox: [own ?? '', cpu ?? ''], program: [program ?? ''] };
      say('cat >&5; printf cpu >&6; printf program >&7', entries);
      sandboxed.stop();
      await sandboxed.exited();
      const entered = [...entries.sandbox, ...entries.program].map((path) => readFileSync(path, 'utf8'));
      rmSync(directory, { recursive: true });
      expect(entered).toEqual([encodeMessage('a', ['2', '1']).toString(), 'cpu', 'program']);
    });

    it('cannot be started without what it enters', () => {
      const launch = { ...MISSING, file: '/bin/sh', reportsPid: false };
      const entries = { sandbox: ['/nonexistent/cgroup.procs'], program: [] };
      const start = (): unknown => new SandboxedProcess(launch, 0, entries);
      expect(start).toThrow(/^The sandbox could not be started: ENOENT/);
    });

    it('is at fault when it ends before it is ready', async () => {
      say('echo why >&2');
      await expect(sandboxed.whenReady()).rejects.toThrow(new EngineError('The sandbox failed (0): why'));
    });

    it('is at fault when its interpreter does not wait, and says what became of it', async () => {
      say(`${READY}; printf 'x\\000\\000\\000\\003why'; exit 1`);
      await sandboxed.whenReady();
      await expect(sandboxed.preload([])).rejects.toThrow(
        new EngineError('The program could not be started: why'),
      );
    });

    it('does not wait for an interpreter that was stopped', async () => {
      say(`${READY}; cat >/dev/null`);
      await sandboxed.whenReady();
      const loading = sandboxed.preload([]);
      sandboxed.stop();
      await expect(loading).rejects.toThrow(new EngineError('The interpreter ended before it was preloaded'));
    });
  });
});
