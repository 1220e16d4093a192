/** Programs that misbehave, by what they do and in which language. MARKER stands for a long, unique time. */

/** One line of a table of tests: a language and its program. */
export type Programs = readonly (readonly [language: string, code: string])[];

export const ENDLESS_LOOP: Programs = [
  ['python', 'print("begun")\nwhile True: pass'],
  ['javascript', 'console.log("begun"); for (;;);'],
  [
    'c',
    '#include <stdio.h>\nint main(void) { puts("begun"); fflush(stdout); for (volatile int i = 0;; i++); }',
  ],
  ['bash', 'echo begun; while :; do :; done'],
];

export const SLEEP: Programs = [
  ['python', 'import time\nprint("begun")\ntime.sleep(MARKER)'],
  ['bash', 'echo begun; sleep MARKER; echo never'],
  ['javascript', 'console.log("begun"); setInterval(() => {}, 1000)'],
  // Whoever asks politely is ignored.
  ['perl', '$| = 1; $SIG{$_} = "IGNORE" for qw(TERM INT HUP XCPU); print "begun\\n"; sleep 1 while 1'],
];

/** Their first process stays. */
export const FORK_BOMB: Programs = [
  ['python', 'import os\nprint("begun")\nwhile True:\n  try: os.fork()\n  except OSError: pass'],
  [
    'c',
    '#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts("begun"); fflush(stdout); for (;;) fork(); }',
  ],
  ['bash', 'echo begun; exec 2> /dev/null; bomb() { bomb | bomb & wait; }; bomb; sleep MARKER'],
  ['perl', '$| = 1; print "begun\\n"; fork while 1'],
];

/** Their first process ends with 0 at once, and the others go on. */
export const ORPHANED_FORK_BOMB: Programs = [
  ['bash', 'echo begun; exec 2> /dev/null; bomb() { bomb | bomb & }; bomb; exit 0'],
  [
    'python',
    'import os\nprint("begun")\nif os.fork() == 0:\n  while True:\n    try: os.fork()\n    except OSError: pass',
  ],
];

/** A child, and one that left the session, go on with stdout open when their parent ends. */
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

/** Each variable on a line, without those that a shell makes. */
export const PRINT_ENVIRONMENT: Programs = [
  ['python', 'import os\nfor name, value in sorted(os.environ.items()): print(f"{name}={value}")'],
  ['bash', 'unset _ OLDPWD SHLVL PWD; env | grep -v ^_= | sort'],
  [
    'javascript',
    'for (const name of Object.keys(process.env).sort()) console.log(`${name}=${process.env[name]}`)',
  ],
];

/** The environments and the arguments of all processes that can be seen. */
export const PRINT_PROCESSES: Programs = [
  [
    'python',
    'import glob\nfor p in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):\n  try: print(open(p).read())\n  except OSError: pass',
  ],
  ['bash', 'cat /proc/*/environ /proc/*/cmdline 2> /dev/null; exit 0'],
];
