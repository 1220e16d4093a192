/** What a sandbox does when it fails, or hangs, before its program runs. */
import type { FileHandle } from 'node:fs/promises';
import type { ResourceGroup, ResourceController } from './resource-controller';
import type { Launch, SandboxSpec } from './launch';
import type { PreparedSandbox } from './prepared-sandbox';
import { Sandbox } from './sandbox';
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
const launchOf = (script: string, reportsPid: boolean): Launch => ({
  file: '/bin/sh',
  args: ['-c', script],
  options: { cwd: '/', env: {} },
  program: { directory: '/', environment: {} },
  reportsPid,
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('Sandbox', () => {
  const cancel = new AbortController();
  const options = { signal: cancel.signal, onOutput: () => undefined };
  let input: FileHandle;
  beforeEach(async () => {
    input = await openEmptyInput();
  });
  afterEach(() => input.close());

  const prepare = (launch: () => Launch, changes: Partial<ResourceGroup>): Promise<PreparedSandbox> => {
    const accountant: ResourceController = {
      source: 'rusage',
      enforcesLimits: false,
      openGroup: () => Promise.resolve({ ...IDLE_GROUP, ...changes }),
      close: () => Promise.resolve(),
    };
    return new Sandbox(launch, accountant).prepare(SPEC, PROGRAM.limits, input.fd);
  };

  it('gives up the account of a run that failed when its process is gone, and tells the first fault', async () => {
    let pid = 0;
    let wasThere: boolean | undefined;
    const slowToEnd = launchOf(`printf 's\\000\\000\\000\\000'; read line; sleep 0.3`, false);
    const prepared = await prepare(() => slowToEnd, {
      setRootPid: (noted) => {
        pid = noted;
        throw new Error('first');
      },
      readUsage: () => Promise.reject(new Error('second')),
      close: () => {
        wasThere = isThere(pid);
        return Promise.resolve();
      },
    });
    await expect(prepared.run(PROGRAM, '', options)).rejects.toThrow('first');
    expect(pid).toBeGreaterThan(0);
    // Nobody may be there when the failure is told: the workspace is given up then.
    expect(isThere(pid)).toBe(false);
    await prepared.closed;
    expect(wasThere).toBe(false);
  });

  it('gives up the account of a sandbox that cannot even be tried', async () => {
    const close = jest.fn(() => Promise.resolve());
    const launch = (): never => {
      throw new Error('why');
    };
    await expect(prepare(launch, { close })).rejects.toThrow('why');
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('can be stopped while it hangs before it has told its pid', async () => {
    const prepared = await prepare(() => launchOf('exec sleep 25', true), {});
    const running = prepared.run(PROGRAM, '', options);
    cancel.abort();
    expect(await running).toMatchObject({ stopped: 'abort', signal: 'SIGKILL', wallMs: 0 });
  }, 15_000);
});
