/** The system calls that some arguments make dangerous: which of them pass. */
import {
  ALLOW,
  type Instructions,
  ifAnyBit,
  ifOneOf,
  loadArgument,
  masked,
  returnErrno,
} from './seccomp-instructions';
import type { CONDITIONAL_SYSCALLS } from './seccomp-denylist';

const [EPERM, EPROTONOSUPPORT, EAFNOSUPPORT] = [returnErrno(1), returnErrno(93), returnErrno(97)];

/** linux/sched.h: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. Here NEWTIME is part of a signal. */
const CLONE_NEW = 0x7e020000;
/** asm-generic/ioctls.h: typing into a terminal twice over, and line disciplines, which are loaded from modules. */
const [TIOCSTI, TIOCLINUX, TIOCSETD] = [0x5412, 0x541c, 0x5423];
/** personality(2): that of Linux, and the question which it is. Others take protections of memory away. */
const PERSONALITIES = [0, 0xffffffff];

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2];
/** Below its flags (linux/net.h, SOCK_TYPE_MASK). */
const SOCKET_TYPE = 0xf;
/** The default of a type, TCP, UDP: the kernel loads modules for others. */
const IP_PROTOCOLS = [0, 6, 17];
/** Addresses of the own interfaces, which getaddrinfo(3) asks for. */
const NETLINK_ROUTE = 0;

const protocolAmong = (protocols: readonly number[]): Instructions =>
  loadArgument(2, ifOneOf(protocols, ALLOW, EPROTONOSUPPORT));
const internet = loadArgument(
  1,
  masked(SOCKET_TYPE, ifOneOf([SOCK_STREAM, SOCK_DGRAM], protocolAmong(IP_PROTOCOLS), EPROTONOSUPPORT)),
);

export const SYSCALL_CONDITIONS: Readonly<Record<keyof typeof CONDITIONAL_SYSCALLS, Instructions>> = {
  clone: loadArgument(0, ifAnyBit(CLONE_NEW, EPERM, ALLOW)),
  ioctl: loadArgument(1, ifOneOf([TIOCSTI, TIOCLINUX, TIOCSETD], EPERM, ALLOW)),
  personality: loadArgument(0, ifOneOf(PERSONALITIES, ALLOW, EPERM)),
  // Of another process: the limits of the supervisor, which has the same user, would be a way to end it.
  prlimit64: loadArgument(0, ifOneOf([0], ALLOW, EPERM)),
  socket: loadArgument(
    0,
    ifOneOf(
      [AF_UNIX],
      ALLOW,
      ifOneOf(
        [AF_INET, AF_INET6],
        internet,
        ifOneOf([AF_NETLINK], protocolAmong([NETLINK_ROUTE]), EAFNOSUPPORT),
      ),
    ),
  ),
  // Before it says that a family has no pairs, the kernel loads its module.
  socketpair: loadArgument(0, ifOneOf([AF_UNIX], ALLOW, EAFNOSUPPORT)),
};
