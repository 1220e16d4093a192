/** What a sandbox does when it fails, or hangs, before its program runs. */
import type { Account, Accountant } from './accounting';
import type { Launch, SandboxSpec } from './launch';
import { openNothing } from './open-nothing';
import { Sandbox, type SandboxResult } from './sandbox';

const SPEC: SandboxSpec = {
  command: [],
  environment: {},
  appDir: '/',
  writesApp: false,
  toolchains: [],
  cacheDir: undefined,
  limits: { wallMs: 60_000, cpuMs: 1000, memoryMb: 64, processes: 1, outputBytes: 1, diskMb: 1 },
};
const launchOf = (script: string, announcesPid: boolean): Launch => ({
  file: '/bin/sh',
  args: ['-c', script],
  options: { cwd: '/', env: {} },
  announcesPid,
});

async function run(launch: Launch, account: Account, signal: AbortSignal): Promise<SandboxResult> {
  const accountant: Accountant = {
    source: 'rusage',
    enforces: false,
    open: () => Promise.resolve(account),
    close: () => Promise.resolve(),
  };
  const input = await openNothing();
  try {
    const options = { inputFd: input.fd, signal, onOutput: () => undefined };
    return await new Sandbox(() => launch, accountant).run(SPEC, options);
  } finally {
    await input.close();
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('Sandbox', () => {
  it('gives up the account of a run that failed when its process is gone, and tells the first fault', async () => {
    let pid = 0;
    let wasThere: boolean | undefined;
    const account: Account = {
      add: (added) => {
        pid = added;
        return Promise.reject(new Error('first'));
      },
      read: () => Promise.reject(new Error('second')),
      close: () => {
        wasThere = isThere(pid);
        return Promise.resolve();
      },
    };
    const slowToEnd = launchOf('read line; sleep 0.3', false);
    await expect(run(slowToEnd, account, new AbortController().signal)).rejects.toThrow('first');
    expect(pid).toBeGreaterThan(0);
    expect(wasThere).toBe(false);
  });

  it('can be stopped while it hangs before it has told its pid', async () => {
    const account: Account = {
      add: () => Promise.resolve(),
      read: () => Promise.resolve({ cpuMs: 0, memoryBytes: 0, outOfMemory: false }),
      close: () => Promise.resolve(),
    };
    const cancel = new AbortController();
    setTimeout(() => {
      cancel.abort();
    }, 50);
    const result = await run(launchOf('exec sleep 25', true), account, cancel.signal);
    expect(result).toMatchObject({ stopped: 'abort', signal: 'SIGKILL', wallMs: 0 });
  }, 15_000);
});
