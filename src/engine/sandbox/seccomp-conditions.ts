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

/** linux/sched.h: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. In clone, the bit of NEWTIME belongs to the signal. */
const CLONE_NEW = 0x7e020000;
/** asm-generic/ioctls.h: two ways to insert terminal input, and line disciplines, for which the kernel loads modules. */
const [TIOCSTI, TIOCLINUX, TIOCSETD] = [0x5412, 0x541c, 0x5423];
/** personality(2): the default, and the query of the current value. Other values disable memory protections. */
const PERSONALITIES = [0, 0xffffffff];

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2];
/** Selects the type without its flags (linux/net.h, SOCK_TYPE_MASK). */
const SOCKET_TYPE = 0xf;
/** The default of the type, TCP and UDP. For other protocols the kernel would load modules. */
const IP_PROTOCOLS = [0, 6, 17];
/** getaddrinfo(3) reads the addresses of the interfaces with it. */
const NETLINK_ROUTE = 0;

const protocolAmong = (protocols: readonly number[]): Instructions =>
  loadArgument(2, ifOneOf(protocols, ALLOW, EPROTONOSUPPORT));
const internet = loadArgument(
  1,
  masked(SOCKET_TYPE, ifOneOf([SOCK_STREAM, SOCK_DGRAM], protocolAmong(IP_PROTOCOLS), EPROTONOSUPPORT)),
);

/** Filter instructions for each system call that is only dangerous with certain arguments. */
export const SYSCALL_CONDITIONS: Readonly<Record<keyof typeof CONDITIONAL_SYSCALLS, Instructions>> = {
  clone: loadArgument(0, ifAnyBit(CLONE_NEW, EPERM, ALLOW)),
  ioctl: loadArgument(1, ifOneOf([TIOCSTI, TIOCLINUX, TIOCSETD], EPERM, ALLOW)),
  personality: loadArgument(0, ifOneOf(PERSONALITIES, ALLOW, EPERM)),
  // Only for the calling process. The supervisor has the same user, and a program could end it by lowering its limits.
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
  // The kernel loads the module of a family before it reports that the family has no socket pairs.
  socketpair: loadArgument(0, ifOneOf([AF_UNIX], ALLOW, EAFNOSUPPORT)),
};
