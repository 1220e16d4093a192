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

const EPERM = returnErrno(1);
const EPROTONOSUPPORT = returnErrno(93);
const EAFNOSUPPORT = returnErrno(97);

/** linux/sched.h: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. In clone, the bit of NEWTIME belongs to the signal. */
const CLONE_NEW = 0x7e020000;
/** asm-generic/ioctls.h: the first two insert terminal input; the third sets the line discipline, for which the kernel loads a module. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const TIOCSETD = 0x5423;
/** personality(2): the default, and the query of the current value. Other values disable memory protections. */
const PERSONALITIES = [0, 0xffffffff];

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** Selects the type of a socket without its flags (linux/net.h). */
const SOCK_TYPE_MASK = 0xf;
/** The default protocol of the socket type, TCP and UDP. For other protocols the kernel would load modules. */
const IP_PROTOCOLS = [0, 6, 17];
/** The protocol with which getaddrinfo(3) reads the addresses of the network interfaces. */
const NETLINK_ROUTE = 0;

const allowProtocols = (protocols: readonly number[]): Instructions =>
  loadArgument(2, ifOneOf(protocols, ALLOW, EPROTONOSUPPORT));
const allowInternetSockets = loadArgument(
  1,
  masked(SOCK_TYPE_MASK, ifOneOf([SOCK_STREAM, SOCK_DGRAM], allowProtocols(IP_PROTOCOLS), EPROTONOSUPPORT)),
);

/** Filter instructions for each system call that is only dangerous with certain arguments. */
export const SYSCALL_CONDITIONS: Readonly<Record<keyof typeof CONDITIONAL_SYSCALLS, Instructions>> = {
  clone: loadArgument(0, ifAnyBit(CLONE_NEW, EPERM, ALLOW)),
  ioctl: loadArgument(1, ifOneOf([TIOCSTI, TIOCLINUX, TIOCSETD], EPERM, ALLOW)),
  personality: loadArgument(0, ifOneOf(PERSONALITIES, ALLOW, EPERM)),
  // Allowed only for the calling process: the supervisor has the same user, and a program could end it by lowering its limits.
  prlimit64: loadArgument(0, ifOneOf([0], ALLOW, EPERM)),
  socket: loadArgument(
    0,
    ifOneOf(
      [AF_UNIX],
      ALLOW,
      ifOneOf(
        [AF_INET, AF_INET6],
        allowInternetSockets,
        ifOneOf([AF_NETLINK], allowProtocols([NETLINK_ROUTE]), EAFNOSUPPORT),
      ),
    ),
  ),
  // The kernel loads the module of a family before it reports that the family has no socket pairs.
  socketpair: loadArgument(0, ifOneOf([AF_UNIX], ALLOW, EAFNOSUPPORT)),
};
