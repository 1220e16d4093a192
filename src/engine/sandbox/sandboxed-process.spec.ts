import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EngineError } from './engine.error';
import { MESSAGE_TYPE, encodeMessage } from './frames';
import type { Launch } from './launch';
import type { CgroupJoinPaths } from './resource-controller';
import { openEmptyInput } from './sandbox.fixture';
import { SandboxedProcess } from './sandboxed-process';

const MISSING: Launch = {
  file: '/nonexistent/bwrap',
  args: [],
  options: { cwd: '/', env: {} },
  program: { directory: '/', environment: {} },
  reportsPid: true,
};
const NO_CGROUPS = { sandbox: [], program: [] };

/** Opens descriptors until none is left, then starts a sandbox and prints the names and messages of its errors. */
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
Promise.allSettled([sandboxed.pid(), sandboxed.start([])]).then((results) => {
  for (const { reason } of results) console.log(reason.constructor.name + ': ' + reason.message);
});
`;

describe('SandboxedProcess', () => {
  it.each([true, false])('fails when its executable is missing (reports its pid: %j)', async (reportsPid) => {
    const input = await openEmptyInput();
    const sandboxed = new SandboxedProcess({ ...MISSING, reportsPid }, input.fd, NO_CGROUPS);
    await expect(sandboxed.pid()).rejects.toThrow(EngineError);
    await expect(sandboxed.start([])).rejects.toThrow(/could not be started: .*ENOENT/);
    sandboxed.stop();
    await sandboxed.exited();
    await input.close();
  });

  it('fails without harm to the engine when there are no file descriptors left', async () => {
    const script = ['-e', WITHOUT_DESCRIPTORS, join(__dirname, 'sandboxed-process.ts')];
    const { stdout } = await promisify(execFile)('prlimit', ['--nofile=64', process.execPath, ...script]);
    const line = 'EngineError: The sandbox could not be started: spawn /bin/cat EMFILE\n';
    expect(stdout).toBe(line + line);
  });

  describe('with a supervisor', () => {
    let sandboxed: SandboxedProcess;
    const startScript = (script: string, joinPaths: CgroupJoinPaths = NO_CGROUPS): void => {
      const launch = { ...MISSING, file: '/bin/sh', args: ['-c', script], reportsPid: false };
      sandboxed = new SandboxedProcess(launch, 0, joinPaths);
    };
    afterEach(async () => {
      sandboxed.stop();
      await sandboxed.exited();
    });
    const READY = `printf 's\\000\\000\\000\\000'`;
    const PRELOADED = `printf 'w\\000\\000\\000\\000'`;

    it('becomes ready, preloads and starts when the supervisor reports it', async () => {
      startScript(`${READY}; ${PRELOADED}; printf 'r\\000\\000\\000\\0122816 3 2 1'; cat >/dev/null`);
      await sandboxed.whenReady();
      await sandboxed.preload([]);
      const result = { exitCode: 11, signal: null, wallMs: 0.003, cpuMs: 0.002, residentBytes: 1024 };
      expect(await sandboxed.start([])).toEqual(result);
    });

    it('passes the cgroup files as descriptors from 5 on, and sends how many there are for each process', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'service-server-test-'));
      const [own, cpu, program] = ['own', 'cpu', 'program'].map((name) => join(directory, name));
      const joinPaths = { sandbox: [own ?? '', cpu ?? ''], program: [program ?? ''] };
      startScript('cat >&5; printf cpu >&6; printf program >&7', joinPaths);
      sandboxed.stop();
      await sandboxed.exited();
      const written = [...joinPaths.sandbox, ...joinPaths.program].map((path) => readFileSync(path, 'utf8'));
      rmSync(directory, { recursive: true });
      expect(written).toEqual([
        encodeMessage(MESSAGE_TYPE.joinGroups, ['2', '1']).toString(),
        'cpu',
        'program',
      ]);
    });

    it('cannot be started without its cgroup files', () => {
      const launch = { ...MISSING, file: '/bin/sh', reportsPid: false };
      const joinPaths = { sandbox: ['/nonexistent/cgroup.procs'], program: [] };
      const start = (): unknown => new SandboxedProcess(launch, 0, joinPaths);
      expect(start).toThrow(/^The sandbox could not be started: ENOENT/);
    });

    it('fails when it exits before it is ready', async () => {
      startScript('echo why >&2');
      await expect(sandboxed.whenReady()).rejects.toThrow(new EngineError('The sandbox failed (0): why'));
    });

    it('fails with the supervisor’s reason when the interpreter cannot be preloaded', async () => {
      startScript(`${READY}; printf 'x\\000\\000\\000\\003why'; exit 1`);
      await sandboxed.whenReady();
      await expect(sandboxed.preload([])).rejects.toThrow(
        new EngineError('The program could not be started: why'),
      );
    });

    it('fails to preload when it is stopped', async () => {
      startScript(`${READY}; cat >/dev/null`);
      await sandboxed.whenReady();
      const preloading = sandboxed.preload([]);
      sandboxed.stop();
      await expect(preloading).rejects.toThrow(
        new EngineError('The interpreter ended before it was preloaded'),
      );
    });
  });
});
