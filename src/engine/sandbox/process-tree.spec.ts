/** The figures of a tree of processes, from real ones. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ResourceGroup } from './resource-controller';
import { ProcessTreeController } from './process-tree';

const MIB = 1024 * 1024;
/** Uses what it is told to, says so, and waits until its input ends. */
const USE = `
  my $memory = 'x' x ($ARGV[0] * 1024 * 1024);
  my $sum = 0;
  while ((times)[0] + (times)[1] < $ARGV[1]) { $sum += $_ for 1 .. 10_000 }
  $| = 1;
  print "ready\\n";
  <STDIN>;`;

describe('ProcessTreeController', () => {
  const children: ChildProcess[] = [];
  let account: ResourceGroup;
  beforeEach(async () => {
    account = await new ProcessTreeController().openGroup();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Starts it and waits until it has used it all. */
  async function start(file: string, ...args: string[]): Promise<ChildProcess> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(child);
    await once(child.stdout, 'data');
    account.setRootPid(child.pid ?? 0);
    return child;
  }
  const end = async (child: ChildProcess): Promise<void> => {
    child.stdin?.end();
    await once(child, 'close');
  };

  it('says that it holds nobody to limits', () => {
    expect(new ProcessTreeController()).toMatchObject({ source: 'rusage', enforcesLimits: false });
  });

  it('has used nothing before a process is added', async () => {
    expect(await account.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 0, outOfMemory: false });
  });

  it('tells the memory and the CPU time of a process', async () => {
    await start('perl', '-e', USE, '40', '0.2');
    const { cpuMs, memoryBytes } = await account.readUsage();
    expect(memoryBytes).toBeGreaterThan(40 * MIB);
    expect(memoryBytes).toBeLessThan(150 * MIB);
    // A clock tick is 10 ms, and user and system time are cut to whole ones.
    expect(cpuMs).toBeGreaterThanOrEqual(180);
    expect(cpuMs).toBeLessThan(1000);
  });

  it('tells that of grandchildren too', async () => {
    await start('sh', '-c', `sh -c 'perl -e "$0" 40 0.2; true' "$0"; true`, USE);
    const { cpuMs, memoryBytes } = await account.readUsage();
    expect(memoryBytes).toBeGreaterThan(40 * MIB);
    expect(cpuMs).toBeGreaterThanOrEqual(180);
  });

  it('keeps the CPU time of a child that has ended, but not its memory', async () => {
    await start('sh', '-c', 'perl -e "$0" 40 0.2 < /dev/null > /dev/null; echo ended; read line', USE);
    const { cpuMs, memoryBytes } = await account.readUsage();
    expect(cpuMs).toBeGreaterThanOrEqual(180);
    expect(memoryBytes).toBeLessThan(20 * MIB);
  });

  it('has used nothing when the tree is gone, and that is no fault', async () => {
    await end(await start('perl', '-e', USE, '1', '0'));
    expect(await account.readUsage()).toEqual({ cpuMs: 0, memoryBytes: 0, outOfMemory: false });
  });

  it('forgets its tree when it is closed', async () => {
    await start('perl', '-e', USE, '40', '0');
    await account.close();
    expect(await account.readUsage()).toMatchObject({ memoryBytes: 0 });
  });
});
