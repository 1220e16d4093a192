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
import { findCgroupV2 } from './cgroup-v2';
import { processKey } from './process-key';
import type { ResourceGroup } from './resource-controller';
import { LIMITS } from './sandbox.fixture';

const ENGINE_GROUP = `service-server-${processKey(process.pid)}`;

/** The tests use a directory with the layout of the cgroup file system. */
describe('findCgroupV2', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'service-server-test-'));
    writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(root, { recursive: true, force: true });
  });

  /** Makes writes to cgroup.subtree_control behave as in the kernel: they add controllers, or fail. */
  const simulateSubtreeControl = (unavailable: readonly string[]): void => {
    const { writeFileSync: write } = fs;
    jest.spyOn(fs, 'writeFileSync').mockImplementation((path, text) => {
      const data = text as string;
      if (!String(path).endsWith('cgroup.subtree_control')) {
        write(path, data);
        return;
      }
      if (unavailable.some((controller) => data.includes(controller))) throw new Error('ENOENT');
      write(path, `${data} `, { flag: 'a' });
    });
  };
  const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
  const openRun = async (): Promise<ResourceGroup> => {
    const group = await findCgroupV2(root, '0::/\n')?.openGroup('run', LIMITS);
    if (!group) throw new Error('There is no controller');
    return group;
  };
  /** Writes files of the run's cgroup, as the kernel would. */
  const writeGroupFiles = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(root, ENGINE_GROUP, 'run', name), text);
  };
  /** Deletes the files of the run's cgroup. The kernel's own files do not prevent the removal of a cgroup. */
  const deleteGroupFiles = (): void => {
    const entries = readdirSync(join(root, ENGINE_GROUP, 'run'), { withFileTypes: true, recursive: true });
    for (const { parentPath, name } of entries.filter((entry) => entry.isFile()))
      rmSync(join(parentPath, name));
  };

  it('returns nothing where cgroups v2 are not mounted', () => {
    rmSync(join(root, 'cgroup.controllers'));
    expect(findCgroupV2(root, '0::/\n')).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
  });

  it('creates the engine’s cgroup in the cgroup of this process', () => {
    mkdirSync(join(root, 'system.slice', 'server'), { recursive: true });
    const controller = findCgroupV2(root, '1:name=systemd:/elsewhere\n0::/system.slice/server\n');
    expect([controller?.source, controller?.enforcesLimits]).toEqual(['cgroup-v2', true]);
    expect(existsSync(join(root, 'system.slice', 'server', ENGINE_GROUP))).toBe(true);
  });

  it('uses the nearest ancestor when the own cgroup is not visible or not writable', () => {
    mkdirSync(join(root, 'a'));
    writeFileSync(join(root, 'a', 'b'), 'a file, below which no directory can be created');
    expect(findCgroupV2(root, '0::/a/b/missing\n')).toBeDefined();
    expect(readdirSync(join(root, 'a'))).toContain(ENGINE_GROUP);
  });

  it('never leaves the hierarchy', () => {
    expect(findCgroupV2(join(root), '0::/../../..\n')).toBeUndefined();
  });

  it('enables the controllers', () => {
    simulateSubtreeControl([]);
    findCgroupV2(root, '0::/\n');
    expect(read(ENGINE_GROUP, 'cgroup.subtree_control').trim().split(' ')).toEqual([
      '+memory',
      '+pids',
      '+cpu',
    ]);
  });

  it.each(['memory', 'pids'])(
    'returns nothing and leaves nothing behind where %s cannot be enabled',
    (unavailable) => {
      simulateSubtreeControl([unavailable]);
      expect(findCgroupV2(root, '0::/\n')).toBeUndefined();
      expect(readdirSync(root)).toEqual(['cgroup.controllers']);
    },
  );

  it('removes cgroups of engines that have exited, but not those of running engines or of others', () => {
    const alive = `service-server-${processKey(process.ppid)}`;
    const dead = `service-server-${process.ppid.toString()}-1`;
    for (const name of [alive, join(dead, 'run'), 'another'])
      mkdirSync(join(root, name), { recursive: true });
    findCgroupV2(root, '0::/\n');
    expect(readdirSync(root).sort()).toEqual([ENGINE_GROUP, alive, 'another', 'cgroup.controllers'].sort());
  });

  it('sets the limits of a run', async () => {
    await openRun();
    const limits = ['memory.max', 'memory.swap.max', 'pids.max'];
    expect(limits.map((name) => read(ENGINE_GROUP, 'run', name))).toEqual(['67108864', '0', '17']);
  });

  it('replaces the limits of a run', async () => {
    (await openRun()).setLimits({ ...LIMITS, memoryMb: 32, processes: 1 });
    const limits = ['memory.max', 'memory.swap.max', 'pids.max'];
    expect(limits.map((name) => read(ENGINE_GROUP, 'run', name))).toEqual(['33554432', '0', '2']);
  });

  describe('with the cpu controller', () => {
    const joinPath = (subgroup: string): string => join(root, ENGINE_GROUP, 'run', subgroup, 'cgroup.procs');

    it('has separate cgroups for the supervisor and the program', async () => {
      const { joinPaths } = await openRun();
      expect(joinPaths).toEqual({ sandbox: [joinPath('supervisor')], program: [joinPath('program')] });
    });

    it('gives the supervisor a higher CPU weight than the program', async () => {
      await openRun();
      expect(read(ENGINE_GROUP, 'run', 'cgroup.subtree_control')).toBe('+cpu');
      expect(Number(read(ENGINE_GROUP, 'run', 'supervisor', 'cpu.weight'))).toBeGreaterThan(100);
      // The kernel's default of 100.
      expect(existsSync(join(root, ENGINE_GROUP, 'run', 'program', 'cpu.weight'))).toBe(false);
    });

    it('has one cgroup for the whole run where the cpu controller is not available', async () => {
      simulateSubtreeControl(['cpu']);
      const group = await openRun();
      expect(group.joinPaths).toEqual({ sandbox: [joinPath('.')], program: [] });
      const entries = readdirSync(join(root, ENGINE_GROUP, 'run'), { withFileTypes: true });
      expect(entries.filter((entry) => entry.isDirectory())).toEqual([]);
      deleteGroupFiles();
      await group.close();
      expect(existsSync(join(root, ENGINE_GROUP, 'run'))).toBe(false);
    });
  });

  it('reads the CPU time, the peak memory, and whether the kernel killed a process', async () => {
    const group = await openRun();
    writeGroupFiles({
      'cpu.stat': 'usage_usec 12345\nuser_usec 12000\nsystem_usec 345\n',
      'memory.peak': '1048576\n',
      'memory.current': '4096\n',
      'memory.events': 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 5\n',
    });
    expect(await group.readUsage()).toEqual({ cpuMs: 12.345, memoryBytes: 1_048_576, outOfMemory: false });
    writeGroupFiles({ 'memory.events': 'oom 1\noom_kill 1\n' });
    expect(await group.readUsage()).toMatchObject({ outOfMemory: true });
  });

  it('reads the current memory on a kernel without memory.peak', async () => {
    const group = await openRun();
    writeGroupFiles({
      'cpu.stat': 'usage_usec 0\n',
      'memory.current': '4096\n',
      'memory.events': 'oom_kill 0\n',
    });
    expect(await group.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 4096, outOfMemory: false });
  });

  it('fails when usage cannot be read, instead of reporting no usage', async () => {
    const group = await openRun();
    expect(() => group.readUsage()).toThrow('ENOENT');
  });

  it.each(['supervisor', 'program'])(
    'kills the remaining processes of the %s cgroup before it removes it',
    async (subgroup) => {
      const group = await openRun();
      deleteGroupFiles();
      const child = spawn('/bin/sleep', ['30'], { stdio: 'ignore' });
      // The kernel's list of processes is empty when the last process has exited.
      const ended = once(child, 'exit').then(deleteGroupFiles);
      writeGroupFiles({ [join(subgroup, 'cgroup.procs')]: `0\n${String(child.pid)}\n` });
      await group.close();
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
      expect(existsSync(join(root, ENGINE_GROUP, 'run'))).toBe(false);
    },
  );

  it('removes the cgroup of a run after it, and the engine’s cgroup on close', async () => {
    const controller = findCgroupV2(root, '0::/\n');
    const group = await controller?.openGroup('run', LIMITS);
    deleteGroupFiles();
    await group?.close();
    expect(existsSync(join(root, ENGINE_GROUP, 'run'))).toBe(false);
    rmSync(join(root, ENGINE_GROUP, 'cgroup.subtree_control'));
    await controller?.close();
    expect(existsSync(join(root, ENGINE_GROUP))).toBe(false);
  });
});
