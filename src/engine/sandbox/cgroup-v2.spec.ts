/** Control groups of version 2, in a directory that is laid out like their hierarchy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResourceGroup } from './resource-controller';
import { findCgroupV2 } from './cgroup-v2';
import type { Limits } from './limits';
import { processKey } from './process-key';

const LIMITS: Limits = {
  wallMs: 1,
  cpuMs: 1,
  memoryMb: 64,
  processes: 16,
  outputBytes: 1,
  diskMb: 1,
  openFiles: 1024,
  fileMb: 1,
};
const OWN = `service-server-${processKey(process.pid)}`;

describe('Control groups of version 2', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  /** As the kernel does: controllers are added to those that are handed down, or refused. */
  const keepKernelsRules = (refused: readonly string[]): void => {
    const { writeFileSync: write } = fs;
    jest.spyOn(fs, 'writeFileSync').mockImplementation((path, text) => {
      const data = text as string;
      if (!String(path).endsWith('cgroup.subtree_control')) {
        write(path, data);
        return;
      }
      if (refused.some((controller) => data.includes(controller))) throw new Error('ENOENT');
      write(path, `${data} `, { flag: 'a' });
    });
  };
  const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
  const openRun = async (): Promise<ResourceGroup> => {
    const account = await findCgroupV2(root, '0::/\n')?.openGroup('run', LIMITS);
    if (!account) throw new Error('There is no accountant');
    return account;
  };
  /** What the kernel would show in the group of the run. */
  const show = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, OWN, 'run', name), text);
  };
  /** The files of a group are the kernel's, and do not keep it from being removed. */
  const takeFilesAway = (): void => {
    const entries = readdirSync(join(root, OWN, 'run'), { withFileTypes: true, recursive: true });
    for (const { parentPath, name } of entries.filter((entry) => entry.isFile()))
      rmSync(join(parentPath, name));
  };

  it('are not taken where there is no such hierarchy', () => {
    rmSync(join(root, 'cgroup.controllers'));
    expect(findCgroupV2(root, '0::/\n')).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
  });

  it('are made in the group that this process is in', () => {
    mkdirSync(join(root, 'system.slice', 'server'), { recursive: true });
    const accountant = findCgroupV2(root, '1:name=systemd:/elsewhere\n0::/system.slice/server\n');
    expect([accountant?.source, accountant?.enforcesLimits]).toEqual(['cgroup-v2', true]);
    expect(existsSync(join(root, 'system.slice', 'server', OWN))).toBe(true);
  });

  it('are made in the nearest group above where that one is not to be seen or not to be written to', () => {
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'b'), 'a file where no group can be made');
    expect(findCgroupV2(root, '0::/a/b/gone\n')).toBeDefined();
    expect(readdirSync(join(root, 'a'))).toContain(OWN);
  });

  it('never leave the hierarchy', () => {
    expect(findCgroupV2(join(root), '0::/../../..\n')).toBeUndefined();
  });

  it('get the controllers handed down', () => {
    keepKernelsRules([]);
    findCgroupV2(root, '0::/\n');
    expect(read(OWN, 'cgroup.subtree_control').trim().split(' ')).toEqual(['+memory', '+pids', '+cpu']);
  });

  it.each(['memory', 'pids'])('are not taken where %s is not handed down, and nothing stays', (refused) => {
    keepKernelsRules([refused]);
    expect(findCgroupV2(root, '0::/\n')).toBeUndefined();
    expect(readdirSync(root)).toEqual(['cgroup.controllers']);
  });

  it('remove what dead engines left, and nothing of one that lives or of others', () => {
    const alive = `service-server-${processKey(process.ppid)}`;
    const dead = `service-server-${process.ppid.toString()}-1`;
    for (const name of [alive, join(dead, 'run'), 'another'])
      mkdirSync(join(root, name), { recursive: true });
    findCgroupV2(root, '0::/\n');
    expect(readdirSync(root).sort()).toEqual([OWN, alive, 'another', 'cgroup.controllers'].sort());
  });

  it('hold a run to its limits', async () => {
    await openRun();
    const limits = ['memory.max', 'memory.swap.max', 'pids.max'];
    expect(limits.map((name) => read(OWN, 'run', name))).toEqual(['67108864', '0', '17']);
  });

  it('hold it to others when it is told of them', async () => {
    (await openRun()).setLimits({ ...LIMITS, memoryMb: 32, processes: 1 });
    const limits = ['memory.max', 'memory.swap.max', 'pids.max'];
    expect(limits.map((name) => read(OWN, 'run', name))).toEqual(['33554432', '0', '2']);
  });

  describe('of the CPU', () => {
    const entryOf = (part: string): string => join(root, OWN, 'run', part, 'cgroup.procs');

    it('take in a supervisor and its program apart', async () => {
      const { joinPaths } = await openRun();
      expect(joinPaths).toEqual({ sandbox: [entryOf('supervisor')], program: [entryOf('program')] });
    });

    it('give a supervisor more weight than its program', async () => {
      await openRun();
      expect(read(OWN, 'run', 'cgroup.subtree_control')).toBe('+cpu');
      expect(Number(read(OWN, 'run', 'supervisor', 'cpu.weight'))).toBeGreaterThan(100);
      // 100, as the kernel makes it.
      expect(existsSync(join(root, OWN, 'run', 'program', 'cpu.weight'))).toBe(false);
    });

    it('are one for a whole run where they are not handed down', async () => {
      keepKernelsRules(['cpu']);
      const account = await openRun();
      expect(account.joinPaths).toEqual({ sandbox: [entryOf('.')], program: [] });
      const entries = readdirSync(join(root, OWN, 'run'), { withFileTypes: true });
      expect(entries.filter((entry) => entry.isDirectory())).toEqual([]);
      takeFilesAway();
      await account.close();
      expect(existsSync(join(root, OWN, 'run'))).toBe(false);
    });
  });

  it('tell the CPU time, the peak of the memory, and whether the kernel had to kill', async () => {
    const account = await openRun();
    show({
      'cpu.stat': 'usage_usec 12345\nuser_usec 12000\nsystem_usec 345\n',
      ...{ 'memory.peak': '1048576\n', 'memory.current': '4096\n' },
      'memory.events': 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 5\n',
    });
    expect(await account.readUsage()).toEqual({ cpuMs: 12.345, memoryBytes: 1_048_576, outOfMemory: false });
    show({ 'memory.events': 'oom 1\noom_kill 1\n' });
    expect(await account.readUsage()).toMatchObject({ outOfMemory: true });
  });

  it('tell the memory of now on a kernel that keeps no peak', async () => {
    const account = await openRun();
    show({ 'cpu.stat': 'usage_usec 0\n', 'memory.current': '4096\n', 'memory.events': 'oom_kill 0\n' });
    expect(await account.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 4096, outOfMemory: false });
  });

  it('are a fault when they cannot be read, not a run that used nothing', async () => {
    const account = await openRun();
    expect(() => account.readUsage()).toThrow('ENOENT');
  });

  it.each(['supervisor', 'program'])(
    'end what is still in that of the %s before it is removed',
    async (part) => {
      const account = await openRun();
      takeFilesAway();
      const child = spawn('/bin/sleep', ['30'], { stdio: 'ignore' });
      // The kernel's list is empty when the last process has ended.
      const ended = once(child, 'exit').then(takeFilesAway);
      show({ [join(part, 'cgroup.procs')]: `0\n${String(child.pid)}\n` });
      await account.close();
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
      expect(existsSync(join(root, OWN, 'run'))).toBe(false);
    },
  );

  it('are removed after the run, and the engine’s own at its end', async () => {
    const accountant = findCgroupV2(root, '0::/\n');
    const account = await accountant?.openGroup('run', LIMITS);
    takeFilesAway();
    await account?.close();
    expect(existsSync(join(root, OWN, 'run'))).toBe(false);
    rmSync(join(root, OWN, 'cgroup.subtree_control'));
    await accountant?.close();
    expect(existsSync(join(root, OWN))).toBe(false);
  });
});
