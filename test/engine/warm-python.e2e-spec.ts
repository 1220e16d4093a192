import { type Difference, type Probe, describeFidelity } from '../support/fidelity';

const MIB = 1024 * 1024;

const ENVIRONMENT: readonly Probe[] = [
  [
    'arguments',
    'import sys\nprint(sys.argv, sys.orig_argv, sys.flags, sys.executable, sys.prefix, sys.path)',
  ],
  ['the module', 'print(__file__, __name__, __spec__, __doc__, __package__, type(__loader__), dir())'],
  ['the environment', 'import os\nprint(sorted(os.environ.items()))'],
  ['modules', 'import sys\nprint(sorted(sys.modules))'],
  [
    'cached import paths',
    'import sys\nprint(sorted(sys.path_importer_cache), len(sys.path_hooks), [getattr(f, "__name__", type(f)) for f in sys.meta_path])',
  ],
  [
    'open descriptors',
    'import os, re\nfor fd in sorted(os.listdir("/proc/self/fd"), key=int):\n  try: print(fd, re.sub(r"\\d{3,}", "N", os.readlink("/proc/self/fd/" + fd)))\n  except OSError: pass',
  ],
  [
    'types of the standard streams',
    'import fcntl, os, sys\nprint([(oct(os.fstat(n).st_mode), fcntl.fcntl(n, fcntl.F_GETFL), fcntl.fcntl(n, fcntl.F_GETFD)) for n in range(3)])\nprint([(s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty()) for s in (sys.stdin, sys.stdout, sys.stderr)])',
  ],
  [
    'limits',
    'import resource as r\nprint({n: r.getrlimit(getattr(r, n)) for n in dir(r) if n.startswith("RLIMIT_")})',
  ],
  [
    'the process',
    'import os\np = os.getpid()\nprint(os.getcwd(), os.umask(0), os.nice(0), open("/proc/self/oom_score_adj").read(), os.getsid(0) - p, os.getpgrp() - p, os.getppid() - p, os.sched_getaffinity(0), os.getuid(), os.getgroups(), os.uname()[:2])',
  ],
  [
    'signals and privileges',
    'import re, signal\ntext = open("/proc/self/status").read()\nprint(re.findall(r"^(?:Sig|Shd|Cap|NoNew|Seccomp|Threads|State|Umask|TracerPid).*", text, re.M))\nprint([(s, signal.getsignal(s)) for s in signal.valid_signals()], signal.pthread_sigmask(signal.SIG_BLOCK, []))',
  ],
  ['threads', 'import threading\nprint(threading.enumerate()[0].name, threading.active_count())'],
  [
    'files in its directories',
    'import os\nfor d in ".", "/app", "/tmp", "/dev/shm", os.path.expanduser("~"): print(d, sorted(os.listdir(d)))',
  ],
  ['the preload hook cannot be imported', 'import sitecustomize\nprint(sitecustomize)'],
];

const INPUT: readonly Probe[] = [
  ['no input', 'import os, sys\nprint(repr(sys.stdin.read()), os.fstat(0).st_size)'],
  ['short input', 'import os\nprint(os.fstat(0).st_size, input(), input())\nprint(input())', 'a b\nä\n'],
  [
    'input of 1 MiB, twice',
    'import hashlib, os, sys\nfor _ in range(2):\n  data = sys.stdin.buffer.read()\n  print(len(data), hashlib.sha256(data).hexdigest())\n  sys.stdin.seek(0)\nprint(os.lseek(0, -3, os.SEEK_END), os.read(0, 9))',
    'x'.repeat(MIB),
  ],
];

const TERMINATIONS: readonly Probe[] = [
  [
    'an exception',
    'def f(n): return 1 // n if n == 0 else f(n - 1)\ntry: f(2)\nexcept Exception as e: raise ValueError("ü") from e',
  ],
  [
    'an exception in a thread',
    'import threading\nt = threading.Thread(target=lambda: [][1], name="t")\nt.start(); t.join()\nprint("on")',
  ],
  ['stack frames', 'import traceback\ntraceback.print_stack()\nimport sys\nprint(sys._getframe().f_back)'],
  ['endless recursion', 'def f(): f()\nf()'],
  ['an exit code', 'import sys\nsys.exit(3)'],
  ['an exit with a text', 'raise SystemExit("words")'],
  ['an immediate exit', 'import atexit, os\natexit.register(print, "never")\nos._exit(4)'],
  [
    'exit handlers and finalizers',
    'import atexit, weakref\nclass A:\n  def __del__(self): print("deleted")\na = A()\nweakref.finalize(a, print, "finalized")\natexit.register(print, "first")\natexit.register(divmod, 1, 0)',
  ],
  [
    'a thread that outlives the main thread',
    'import threading, time\ndef late():\n  threading.main_thread().join(); print("late")\nthreading.Thread(target=late).start()\nprint("main")',
  ],
  ['killing itself', 'import os\nprint("a")\nos.kill(os.getpid(), 9)'],
  ['terminating itself', 'import os\nos.kill(os.getpid(), 15)'],
  ['interrupting itself', 'import os, time\nos.kill(os.getpid(), 2)\ntime.sleep(5)'],
  ['signals to its group', 'import os\nos.killpg(0, 10)'],
  ['a segmentation fault', 'import ctypes\nctypes.string_at(0)'],
  ['too much memory', 'x = [b"x" * 2**20 for _ in range(2**12)]'],
  ['an allocation that Python rejects', 'x = bytearray(2**62)'],
];

const CHILDREN: readonly Probe[] = [
  [
    'a fork',
    'import os\npid = os.fork()\nif pid == 0: print("child", flush=True); os._exit(7)\nprint(os.waitpid(pid, 0)[1])',
  ],
  [
    'a new interpreter',
    'import subprocess, sys\nprint(subprocess.run([sys.executable, "-c", "import sys; print(sys.path, sorted(sys.modules), sys.flags)"], capture_output=True))',
  ],
  [
    'a replacement of itself through exec',
    'import os, sys\nif len(sys.argv) < 2: os.execv(sys.executable, [*sys.orig_argv, "again"])\nprint(sys.argv, os.listdir("/proc/self/fd"))',
  ],
  [
    'a process pool',
    'import multiprocessing as m\nif __name__ == "__main__":\n  with m.get_context("fork").Pool(2) as pool: print(pool.map(abs, [-1, -2]))',
  ],
  [
    'spawned processes',
    'import multiprocessing as m\ndef f(q): q.put(__name__)\nif __name__ == "__main__":\n  c = m.get_context("spawn"); q = c.SimpleQueue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode)',
  ],
  [
    'the environment of children',
    'import os\nos.system("env | sort | grep -v ^_; ulimit -a; umask; ls /proc/self/fd")',
  ],
];

const SOURCES: readonly Probe[] = [
  ['a syntax error', 'print("a")\ndef f(:\n'],
  ['an indentation error', 'if 1:\nprint(1)'],
  ['an encoding declaration', '# -*- coding: latin-1 -*-\nprint(ascii("ä"))'],
  ['an unknown encoding', '# coding: nonsense\nprint(1)'],
  ['a byte order mark', '\ufeffprint(1)'],
  ['lines that end with CR LF', 'if True:\r\n  print(1)\r\n  print("""a\r\nb""" == "a\\nb")\r\n'],
  ['an empty file', ''],
  ['an empty line', '\n'],
  [
    'its own source',
    'import linecache\nprint(open(__file__).read() == "".join(linecache.getlines(__file__)))',
  ],
];

const DIFFERENCES: readonly Difference[] = [
  [
    'the environment at the start of the process',
    'print([v for v in open("/proc/self/environ").read().split("\\0") if "PYTHON" in v])',
    "['PYTHONPATH=/.sandbox/preload']\n",
    '[]\n',
  ],
];

describeFidelity('python', [...ENVIRONMENT, ...INPUT, ...TERMINATIONS, ...CHILDREN, ...SOURCES], DIFFERENCES);
