import type { FileHandle } from 'node:fs/promises';
import type { Launch, SandboxSpec } from './launch';
import type { PreparedSandbox } from './prepared-sandbox';
import type { ResourceController, ResourceGroup } from './resource-controller';
import { SandboxFactory } from './sandbox-factory';
import { IDLE_GROUP, LIMITS, openEmptyInput } from './sandbox.fixture';

const SPEC: SandboxSpec = {
  appDir: '/',
  writesApp: false,
  toolchains: [],
  cacheDir: undefined,
  diskMb: 1,
  inputBytes: 0,
};
const PROGRAM = { command: [], environment: {}, limits: LIMITS };
const shellLaunch = (script: string, reportsPid: boolean): Launch => ({
  file: '/bin/sh',
  args: ['-c', script],
  options: { cwd: '/', env: {} },
  program: { directory: '/', environment: {} },
  reportsPid,
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('SandboxFactory', () => {
  const cancel = new AbortController();
  const options = { signal: cancel.signal, onOutput: () => undefined };
  let input: FileHandle;
  beforeEach(async () => {
    input = await openEmptyInput();
  });
  afterEach(() => input.close());

  const prepare = (launch: () => Launch, changes: Partial<ResourceGroup>): Promise<PreparedSandbox> => {
    const controller: ResourceController = {
      source: 'rusage',
      enforcesLimits: false,
      openGroup: () => Promise.resolve({ ...IDLE_GROUP, ...changes }),
      close: () => Promise.resolve(),
    };
    return new SandboxFactory(launch, controller).prepare(SPEC, PROGRAM.limits, input.fd);
  };

  it('closes the resource group of a failed run after its process has exited, and reports the first error', async () => {
    let pid = 0;
    let wasRunning: boolean | undefined;
    const slowToExit = shellLaunch(`printf 's\\000\\000\\000\\000'; read line; sleep 0.3`, false);
    const prepared = await prepare(() => slowToExit, {
      setRootPid: (rootPid) => {
        pid = rootPid;
        throw new Error('first');
      },
      readUsage: () => Promise.reject(new Error('second')),
      close: () => {
        wasRunning = isRunning(pid);
        return Promise.resolve();
      },
    });
    await expect(prepared.run(PROGRAM, '', options)).rejects.toThrow('first');
    expect(pid).toBeGreaterThan(0);
    // The workspace is removed after the failure is reported, so no process may be left by then.
    expect(isRunning(pid)).toBe(false);
    await prepared.closed;
    expect(wasRunning).toBe(false);
  });

  it('closes the resource group of a sandbox that cannot be started', async () => {
    const close = jest.fn(() => Promise.resolve());
    const launch = (): never => {
      throw new Error('why');
    };
    await expect(prepare(launch, { close })).rejects.toThrow('why');
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('can be stopped while it hangs before it has reported its pid', async () => {
    const prepared = await prepare(() => shellLaunch('exec sleep 25', true), {});
    const running = prepared.run(PROGRAM, '', options);
    cancel.abort();
    expect(await running).toMatchObject({ stopped: 'abort', signal: 'SIGKILL', wallMs: 0 });
  }, 15_000);
});
