/** Numbers from asm/unistd_64.h (x86_64) and asm-generic/unistd.h (arm64). */
type SyscallNumbers = readonly [x64: number, arm64?: number];

export interface SyscallGroup {
  readonly name: string;
  /** ENOSYS where programs then use a fallback, as on a kernel without the system call; otherwise EPERM. */
  readonly errno: 'EPERM' | 'ENOSYS';
  readonly syscalls: Readonly<Record<string, SyscallNumbers>>;
}

/** listns(2). Newer system calls are unknown to this list and fail with ENOSYS. */
export const NEWEST_SYSCALL = 470;

/** System calls that are allowed or denied depending on their arguments. */
export const CONDITIONAL_SYSCALLS = {
  clone: [56, 220],
  ioctl: [16, 29],
  personality: [135, 92],
  prlimit64: [302, 261],
  socket: [41, 198],
  socketpair: [53, 199],
} as const;

/** System calls that always fail. docs/security.md gives the reason for each group. */
export const SECCOMP_DENYLIST: readonly SyscallGroup[] = [
  {
    name: 'other processes',
    errno: 'EPERM',
    syscalls: {
      ptrace: [101, 117],
      process_vm_readv: [310, 270],
      process_vm_writev: [311, 271],
      kcmp: [312, 272],
      pidfd_getfd: [438, 438],
      process_madvise: [440, 440],
    },
  },
  {
    name: 'namespaces',
    errno: 'EPERM',
    syscalls: { unshare: [272, 97], setns: [308, 268] },
  },
  {
    name: 'namespaces, newer calls',
    errno: 'ENOSYS',
    syscalls: { clone3: [435, 435], listns: [470, 470] },
  },
  {
    name: 'file systems',
    errno: 'EPERM',
    syscalls: {
      pivot_root: [155, 41],
      chroot: [161, 51],
      acct: [163, 89],
      mount: [165, 40],
      umount2: [166, 39],
      swapon: [167, 224],
      swapoff: [168, 225],
      quotactl: [179, 60],
      fanotify_init: [300, 262],
      name_to_handle_at: [303, 264],
      open_by_handle_at: [304, 265],
      open_tree: [428, 428],
      move_mount: [429, 429],
      fsopen: [430, 430],
      fsconfig: [431, 431],
      fsmount: [432, 432],
      fspick: [433, 433],
      mount_setattr: [442, 442],
      quotactl_fd: [443, 443],
      open_tree_attr: [467, 467],
    },
  },
  {
    name: 'mount lists',
    errno: 'ENOSYS',
    syscalls: { statmount: [457, 457], listmount: [458, 458] },
  },
  {
    name: 'machine administration',
    errno: 'EPERM',
    syscalls: {
      syslog: [103, 116],
      vhangup: [153, 58],
      modify_ldt: [154],
      adjtimex: [159, 171],
      settimeofday: [164, 170],
      reboot: [169, 142],
      sethostname: [170, 161],
      setdomainname: [171, 162],
      iopl: [172],
      ioperm: [173],
      init_module: [175, 105],
      delete_module: [176, 106],
      clock_settime: [227, 112],
      kexec_load: [246, 104],
      clock_adjtime: [305, 266],
      finit_module: [313, 273],
      kexec_file_load: [320, 294],
    },
  },
  {
    name: 'kernel subsystems',
    errno: 'ENOSYS',
    syscalls: {
      perf_event_open: [298, 241],
      bpf: [321, 280],
      userfaultfd: [323, 282],
      io_uring_setup: [425, 425],
      io_uring_enter: [426, 426],
      io_uring_register: [427, 427],
    },
  },
  {
    name: 'shared or persistent objects',
    errno: 'ENOSYS',
    syscalls: {
      io_setup: [206, 0],
      add_key: [248, 217],
      request_key: [249, 218],
      keyctl: [250, 219],
    },
  },
  {
    name: 'memory outside processes',
    errno: 'ENOSYS',
    syscalls: {
      shmget: [29, 194],
      semget: [64, 190],
      msgget: [68, 186],
      vmsplice: [278, 75],
      memfd_create: [319, 279],
      memfd_secret: [447, 447],
    },
  },
  {
    name: 'memory placement',
    errno: 'ENOSYS',
    syscalls: {
      mbind: [237, 235],
      set_mempolicy: [238, 237],
      get_mempolicy: [239, 236],
      migrate_pages: [256, 238],
      move_pages: [279, 239],
      set_mempolicy_home_node: [450, 450],
    },
  },
  {
    name: 'obsolete calls',
    errno: 'ENOSYS',
    syscalls: {
      uselib: [134],
      ustat: [136],
      sysfs: [139],
      _sysctl: [156],
      create_module: [174],
      get_kernel_syms: [177],
      query_module: [178],
      nfsservctl: [180, 42],
      lookup_dcookie: [212, 18],
    },
  },
];
