/** The command line of bubblewrap: what a program sees of the system, and nothing else. */
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
/** Where the engine's own files are in every sandbox: the supervisor, and what interpreters wait in. */
export const ENGINE_DIR = '/.sandbox';
const PERL = '/usr/bin/perl';
const SANDBOX_ID = '1000';
/** Configuration that toolchains read; nothing of accounts, hosts or services. */
const ETC =
  /^(alternatives|java-\d+-openjdk|php|perl|python3(\.\d+)?|lua\S*|ld\.so\.(cache|conf|conf\.d)|localtime)$/;
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const DEVICE_LINKS = { fd: '', stdin: '/0', stdout: '/1', stderr: '/2' };
/** All that a program may write to; one file system. */
const WRITABLE = [PATHS.home, '/tmp', '/dev/shm'];
/** Bytes of disk for which a run may have one file: the size of a block, so that small files can fill the disk. */
const BYTES_PER_INODE = 4096;
/** The directories themselves, and the first file. */
const INODES_MIN = 8;

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
      // What is not a mount of its own is memory without a limit, so it is closed.
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

/** Options of tmpfs(5), for which 0 would be no limit. */
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

/** No network, no other processes, no way to a further user namespace; all of it ends with the engine. */
const NAMESPACES = [
  ...[
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
  ],
  ...['--disable-userns', '--uid', SANDBOX_ID, '--gid', SANDBOX_ID, '--hostname', 'sandbox'],
  ...['--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL'],
  // For the supervisor alone, which mounts the writable directories and then drops both, long before any program.
  ...['--cap-add', 'CAP_SYS_ADMIN', '--cap-add', 'CAP_SETPCAP'],
];

/** This service with its settings and its data, where it lives among the system's programs, as in /usr/src/app. */
const HIDDEN = [join(__dirname, '../../..')].filter((path) => path.startsWith('/usr/'));

let mounts: readonly string[] | undefined;

/** The system's programs, read-only. A directory of the root that is a link on this system is one in the sandbox. */
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
