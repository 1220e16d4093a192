import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineFiles, SECCOMP_FILTER, SUPERVISOR } from './engine-files';
import {
  type Launch,
  type SandboxPaths,
  type SandboxSpec,
  sandboxUserOptions,
  baseEnvironment,
  supervisorArgs,
} from './launch';
import { diskBytesMax } from './limits';

export const PATHS: SandboxPaths = { app: '/app', home: '/work', cache: '/cache' };
/** Path of the engine files in every sandbox. */
export const ENGINE_DIR = '/.sandbox';
const PERL = '/usr/bin/perl';
const SANDBOX_ID = '1000';
/** Entries of /etc that toolchains read. None of them is about users, hosts or services. */
const ETC =
  /^(alternatives|java-\d+-openjdk|php|perl|python3(\.\d+)?|lua\S*|ld\.so\.(cache|conf|conf\.d)|localtime)$/;
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const DEVICE_LINKS = { fd: '', stdin: '/0', stdout: '/1', stderr: '/2' };
/** All directories that a program may write to. They share one file system. */
const WRITABLE = [PATHS.home, '/tmp', '/dev/shm'];
/** Bytes of disk per file that a run may create: one block, so that small files can use the whole disk. */
const BYTES_PER_INODE = 4096;
/** Enough for the directories and one file. */
const INODES_MIN = 8;

/** Builds the command line of bubblewrap, which determines all that a program sees of the system. */
export function bubblewrapLaunch(bwrap: string, { directory, etc }: EngineFiles, spec: SandboxSpec): Launch {
  return {
    file: bwrap,
    args: [
      ...NAMESPACES,
      ...systemMounts(),
      ...HIDDEN.flatMap((path) => ['--tmpfs', path]),
      ...etc.flatMap((name) => ['--ro-bind', join(directory, 'etc', name), `/etc/${name}`]),
      ...['--proc', '/proc', ...devices()],
      ...WRITABLE.flatMap((path) => ['--dir', path]),
      ...[spec.writesApp ? '--bind' : '--ro-bind', spec.appDir, PATHS.app],
      ...spec.toolchains.flatMap((path) => ['--ro-bind', path, path]),
      ...(spec.cacheDir === undefined ? [] : ['--bind', spec.cacheDir, PATHS.cache]),
      ...['--ro-bind', directory, ENGINE_DIR],
      // Directories that are not mounts of their own are on a tmpfs without a size limit, so they become read-only.
      ...[...HIDDEN, '/'].flatMap((path) => ['--remount-ro', path]),
      ...['--clearenv', '--info-fd', '4', '--'],
      ...[
        PERL,
        ...supervisorArgs(`${ENGINE_DIR}/${SUPERVISOR}`, 'namespace', `${ENGINE_DIR}/${SECCOMP_FILTER}`),
      ],
      ...[tmpfsOptions(diskBytesMax(spec)), tmpfsOptions(spec.inputBytes), ...WRITABLE, '--'],
      ...spec.toolchains.filter((path) => WRITABLE.some((writable) => path.startsWith(`${writable}/`))),
    ],
    options: { cwd: '/', env: {}, ...sandboxUserOptions() },
    program: {
      directory: spec.writesApp ? PATHS.app : PATHS.home,
      environment: baseEnvironment(PATHS.home),
    },
    reportsPid: true,
  };
}

/** Options of tmpfs(5). At least a few blocks, because 0 means no limit. */
const tmpfsOptions = (bytes: number): string => {
  const blocks = Math.max(INODES_MIN, Math.ceil(bytes / BYTES_PER_INODE));
  return `size=${(blocks * BYTES_PER_INODE).toString()},nr_inodes=${blocks.toString()},mode=755`;
};

const devices = (): string[] => [
  ...DEVICES.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
  ...Object.entries(DEVICE_LINKS).flatMap(([name, to]) => [
    '--symlink',
    `/proc/self/fd${to}`,
    `/dev/${name}`,
  ]),
];

/** No network, no other processes, no further user namespaces; the sandbox exits with the engine. */
const NAMESPACES = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  '--disable-userns',
  ...['--uid', SANDBOX_ID],
  ...['--gid', SANDBOX_ID],
  ...['--hostname', 'sandbox'],
  '--die-with-parent',
  '--new-session',
  '--as-pid-1',
  ...['--cap-drop', 'ALL'],
  // Only for the supervisor, which mounts the writable directories and then drops both before any program starts.
  ...['--cap-add', 'CAP_SYS_ADMIN'],
  ...['--cap-add', 'CAP_SETPCAP'],
];

/** The installation of this service, with its settings and data, if it is below /usr (such as /usr/src/app). */
const HIDDEN = [join(__dirname, '../../..')].filter((path) => path.startsWith('/usr/'));

let mounts: readonly string[] | undefined;

/** The programs of the system, read-only. Links in the root directory (such as /bin) are links in the sandbox, too. */
function systemMounts(): readonly string[] {
  mounts ??= [
    ...['--ro-bind', '/usr', '/usr'],
    ...['bin', 'sbin', 'lib', 'lib32', 'lib64'].flatMap((name) => rootEntry(`/${name}`)),
    ...readdirSync('/etc')
      .filter((name) => ETC.test(name))
      .flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
  ];
  return mounts;
}

function rootEntry(path: string): string[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
