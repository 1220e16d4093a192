import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProcessTreeController } from './process-tree';
import type { ResourceGroup } from './resource-controller';

const MIB = 1024 * 1024;
/** Perl program that uses ARGV[0] MiB of memory and ARGV[1] s of CPU time, prints a line and waits for the end of its input. */
const USE_RESOURCES = `
  my $memory = 'x' x ($ARGV[0] * 1024 * 1024);
  my $sum = 0;
  while ((times)[0] + (times)[1] < $ARGV[1]) { $sum += $_ for 1 .. 10_000 }
  $| = 1;
  print "ready\\n";
  <STDIN>;`;

describe('ProcessTreeController', () => {
  const children: ChildProcess[] = [];
  let group: ResourceGroup;
  beforeEach(async () => {
    group = await new ProcessTreeController().openGroup();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Starts a process and waits for its first output. */
  async function start(file: string, ...args: string[]): Promise<ChildProcess> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(child);
    await once(child.stdout, 'data');
    group.setRootPid(child.pid ?? 0);
    return child;
  }
  const end = async (child: ChildProcess): Promise<void> => {
    child.stdin?.end();
    await once(child, 'close');
  };

  it('declares that it does not enforce limits', () => {
    expect(new ProcessTreeController()).toMatchObject({ source: 'rusage', enforcesLimits: false });
  });

  it('reports no usage before the root process is known', async () => {
    expect(await group.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 0, outOfMemory: false });
  });

  it('reads the memory and the CPU time of a process', async () => {
    await start('perl', '-e', USE_RESOURCES, '40', '0.2');
    const { cpuMs, memoryBytes } = await group.readUsage();
    expect(memoryBytes).toBeGreaterThan(40 * MIB);
    expect(memoryBytes).toBeLessThan(150 * MIB);
    // A clock tick is 10 ms, and user and system time are each rounded down to whole ticks.
    expect(cpuMs).toBeGreaterThanOrEqual(180);
    expect(cpuMs).toBeLessThan(1000);
  });

  it('includes grandchildren', async () => {
    await start('sh', '-c', `sh -c 'perl -e "$0" 40 0.2; true' "$0"; true`, USE_RESOURCES);
    const { cpuMs, memoryBytes } = await group.readUsage();
    expect(memoryBytes).toBeGreaterThan(40 * MIB);
    expect(cpuMs).toBeGreaterThanOrEqual(180);
  });

  it('includes the CPU time of a child that has exited, but not its memory', async () => {
    await start(
      'sh',
      '-c',
      'perl -e "$0" 40 0.2 < /dev/null > /dev/null; echo ended; read line',
      USE_RESOURCES,
    );
    const { cpuMs, memoryBytes } = await group.readUsage();
    expect(cpuMs).toBeGreaterThanOrEqual(180);
    expect(memoryBytes).toBeLessThan(20 * MIB);
  });

  it('reports no usage and does not fail when all processes have exited', async () => {
    await end(await start('perl', '-e', USE_RESOURCES, '1', '0'));
    expect(await group.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 0, outOfMemory: false });
  });

  it('reports no usage after it is closed', async () => {
    await start('perl', '-e', USE_RESOURCES, '40', '0');
    await group.close();
    expect(await group.readUsage()).toMatchObject({ memoryBytes: 0 });
  });
});
