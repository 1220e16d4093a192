/** Rows of a test table. In the code, MARKER stands for a unique number of seconds that is longer than any test. */
export type Programs = readonly (readonly [language: string, code: string])[];

export const ENDLESS_LOOP: Programs = [
  ['python', 'print("started")\nwhile True: pass'],
  ['javascript', 'console.log("started"); for (;;);'],
  [
    'c',
    '#include <stdio.h>\nint main(void) { puts("started"); fflush(stdout); for (volatile int i = 0;; i++); }',
  ],
  ['bash', 'echo started; while :; do :; done'],
];

export const SLEEP: Programs = [
  ['python', 'import time\nprint("started")\ntime.sleep(MARKER)'],
  ['bash', 'echo started; sleep MARKER; echo never'],
  ['javascript', 'console.log("started"); setInterval(() => {}, 1000)'],
  // Ignores all signals that can be ignored.
  ['perl', '$| = 1; $SIG{$_} = "IGNORE" for qw(TERM INT HUP XCPU); print "started\\n"; sleep 1 while 1'],
];

/** Fork bombs whose first process keeps running. */
export const FORK_BOMB: Programs = [
  ['python', 'import os\nprint("started")\nwhile True:\n  try: os.fork()\n  except OSError: pass'],
  [
    'c',
    '#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts("started"); fflush(stdout); for (;;) fork(); }',
  ],
  ['bash', 'echo started; exec 2> /dev/null; bomb() { bomb | bomb & wait; }; bomb; sleep MARKER'],
  ['perl', '$| = 1; print "started\\n"; fork while 1'],
];

/** Fork bombs whose first process exits with 0 at once, while the others keep running. */
export const ORPHANED_FORK_BOMB: Programs = [
  ['bash', 'echo started; exec 2> /dev/null; bomb() { bomb | bomb & }; bomb; exit 0'],
  [
    'python',
    'import os\nprint("started")\nif os.fork() == 0:\n  while True:\n    try: os.fork()\n    except OSError: pass',
  ],
];

/** A child process, and one in a session of its own, keep stdout open and keep running when their parent exits. */
export const CHILD_OUTLIVES_PARENT: Programs = [
  ['bash', 'sleep MARKER & setsid sleep MARKER & (sleep MARKER &) ; echo parent'],
  [
    'python',
    'import subprocess\nfor new in (True, False): subprocess.Popen(["sleep", "MARKER"], start_new_session=new)\nprint("parent")',
  ],
  [
    'c',
    [
      '#include <stdio.h>\n#include <unistd.h>\nint main(void) {',
      'if (fork() == 0) { setsid(); if (fork() == 0) execlp("sleep", "sleep", "MARKER", (char *)0); _exit(0); }',
      'puts("parent"); return 0; }',
    ].join('\n'),
  ],
  [
    'javascript',
    'require("child_process").spawn("sleep", ["MARKER"], { detached: true, stdio: "inherit" }).unref(); console.log("parent")',
  ],
];

/** Print one environment variable per line, without those that a shell sets. */
export const PRINT_ENVIRONMENT: Programs = [
  ['python', 'import os\nfor name, value in sorted(os.environ.items()): print(f"{name}={value}")'],
  ['bash', 'unset _ OLDPWD SHLVL PWD; env | grep -v ^_= | sort'],
  [
    'javascript',
    'for (const name of Object.keys(process.env).sort()) console.log(`${name}=${process.env[name]}`)',
  ],
];

/** Print the environments and the arguments of all visible processes. */
export const PRINT_PROCESSES: Programs = [
  [
    'python',
    'import glob\nfor p in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):\n  try: print(open(p).read())\n  except OSError: pass',
  ],
  ['bash', 'cat /proc/*/environ /proc/*/cmdline 2> /dev/null; exit 0'],
];
