/** The command line of bubblewrap: what a program sees of the system, and nothing else. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Launch,
  type SandboxPaths,
  type SandboxSpec,
  asSandboxUser,
  baseEnvironment,
  supervisorArgs,
} from './launch';
import { diskBytesOf, rlimitsOf } from './limits';

export const PATHS: SandboxPaths = { app: '/app', home: '/work', cache: '/cache' };
const SUPERVISOR = '/.supervisor.pl';
const PERL = '/usr/bin/perl';
const SANDBOX_ID = '1000';
/** Configuration that toolchains read; nothing of accounts, hosts or services. */
const ETC =
  /^(alternatives|java-\d+-openjdk|php|perl|python3(\.\d+)?|lua\S*|ld\.so\.(cache|conf|conf\.d)|localtime)$/;

interface BubblewrapFiles {
  readonly bwrap: string;
  readonly supervisor: string;
  readonly passwd: string;
  readonly group: string;
  readonly hosts: string;
}

export function bubblewrapLaunch(files: BubblewrapFiles, spec: SandboxSpec): Launch {
  const size = diskBytesOf(spec.limits).toString();
  const environment = { ...baseEnvironment(PATHS.home), ...spec.environment };
  return {
    file: files.bwrap,
    args: [
      ...NAMESPACES,
      ...systemMounts(),
      ...HIDDEN.flatMap((path) => ['--tmpfs', path]),
      ...['--ro-bind', files.passwd, '/etc/passwd'],
      ...['--ro-bind', files.group, '/etc/group'],
      ...['--ro-bind', files.hosts, '/etc/hosts'],
      ...['--proc', '/proc', '--dev', '/dev'],
      ...['--size', size, '--tmpfs', '/tmp'],
      ...['--size', size, '--tmpfs', '/dev/shm'],
      ...['--size', size, '--tmpfs', PATHS.home],
      ...[spec.writesApp ? '--bind' : '--ro-bind', spec.appDir, PATHS.app],
      ...spec.toolchains.flatMap((path) => ['--ro-bind', path, path]),
      ...(spec.cacheDir === undefined ? [] : ['--bind', spec.cacheDir, PATHS.cache]),
      ...['--ro-bind', files.supervisor, SUPERVISOR],
      // What is not a mount of its own is memory without a limit, so it is closed.
      ...[...HIDDEN, '/dev', '/'].flatMap((path) => ['--remount-ro', path]),
      ...['--chdir', spec.writesApp ? PATHS.app : PATHS.home],
      '--clearenv',
      ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--info-fd', '4', '--'],
      PERL,
      ...supervisorArgs(SUPERVISOR, 'namespace', rlimitsOf(spec.limits)),
      ...spec.command,
    ],
    options: { cwd: '/', env: {}, ...asSandboxUser() },
    announcesPid: true,
  };
}

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
