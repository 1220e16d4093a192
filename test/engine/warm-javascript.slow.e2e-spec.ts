import { type Difference, type Probe, describeFidelity } from '../support/fidelity';

const MIB = 1024 * 1024;

const ENVIRONMENT: readonly Probe[] = [
  [
    'arguments',
    'console.log(process.argv, process.execArgv, process.execPath, process.title, process.debugPort, process.cwd(), process.umask())',
  ],
  [
    'the module',
    'console.log(__filename, require.main === module, module, Object.keys(require.cache), module.paths, this === exports, Object.getOwnPropertyNames(globalThis))',
  ],
  ['the environment', 'console.log(process.env)'],
  [
    'open descriptors',
    'for (const fd of [0, 1, 2]) console.log(fd, require("fs").readlinkSync("/proc/self/fd/" + fd).replace(/\\d+/, "N"))\nconsole.log(require("fs").readdirSync("/proc/self/fd").map((fd) => { try { return require("fs").readlinkSync("/proc/self/fd/" + fd).replace(/\\d+/, "N") } catch { return "" } }).sort())',
  ],
  [
    'the process',
    'const s = require("fs").readFileSync("/proc/self/stat", "utf8").split(" "); const fs = require("fs"), os = require("os")\nconsole.log(s[4] - s[0], s[5] - s[0], process.ppid - process.pid, os.getPriority(), fs.readFileSync("/proc/self/oom_score_adj", "utf8"), fs.readFileSync("/proc/self/limits", "utf8"))\nconsole.log(fs.readFileSync("/proc/self/status", "utf8").match(/^(Sig|Shd|Cap|NoNew|Seccomp|Threads|Umask).*/gm))',
  ],
  [
    'active resources',
    'console.log(process.getActiveResourcesInfo(), process.eventNames(), process.listenerCount("exit"))',
  ],
];

const INPUT: readonly Probe[] = [
  [
    'no input',
    'console.log(JSON.stringify(require("fs").readFileSync(0, "utf8")), require("fs").fstatSync(0).size)',
  ],
  [
    'short input',
    'process.stdin.on("data", (d) => console.log(String(d))).on("end", () => console.log("end"))',
    'ä\nb',
  ],
  [
    'input of 1 MiB',
    'const d = require("fs").readFileSync(0); console.log(d.length, require("crypto").createHash("md5").update(d).digest("hex")); const b = Buffer.alloc(4); console.log(require("fs").readSync(0, b, 0, 4, 7), String(b))',
    'y'.repeat(MIB),
  ],
];

const TERMINATIONS: readonly Probe[] = [
  ['an error', 'function f() { throw new TypeError("ü", { cause: new Error("b") }) }\nf()'],
  ['a thrown value that is not an error', 'throw null'],
  ['an unhandled rejection', 'Promise.reject(new Error("r"))'],
  ['an error in a timer', 'setTimeout(() => { console.log(new Error("s").stack); nothing() })'],
  [
    'an exit code',
    'process.on("exit", (c) => console.log("exit", c)); process.on("beforeExit", () => { console.log("before"); process.exitCode = 9 })',
  ],
  ['an exit', 'process.on("exit", () => console.log("exit")); process.exit(3)'],
  ['killing itself', 'process.kill(process.pid, 9)'],
  ['terminating itself', 'process.kill(process.pid, 15); setTimeout(() => {}, 5000)'],
  ['an abort', 'process.abort()'],
  ['endless recursion', 'function f() { f() }\nf()'],
  ['too many buffers', 'const all = []; for (;;) all.push(Buffer.alloc(2 ** 24, 1))'],
];

const CHILDREN: readonly Probe[] = [
  [
    'a forked Node',
    'if (process.send) { process.send([process.argv, process.execArgv]); process.disconnect() } else require("child_process").fork(__filename).on("message", console.log).on("exit", console.log)',
  ],
  [
    'a cluster worker',
    'const c = require("cluster"); if (c.isPrimary) c.fork().on("exit", (n) => console.log("gone", n)); else { console.log("in", process.execArgv); process.exit(5) }',
  ],
  [
    'a new Node process',
    'console.log(String(require("child_process").execFileSync(process.execPath, ["-p", "[process.execArgv, process.env]"])))',
  ],
  [
    'a shell',
    'console.log(String(require("child_process").execSync("env | sort; umask; ls /proc/self/fd")))',
  ],
  [
    'threads',
    'const { Worker, isMainThread, parentPort } = require("worker_threads"); if (isMainThread) new Worker(__filename).on("message", console.log).on("exit", (c) => console.log("gone", c)); else parentPort.postMessage([__filename, require.main === module])',
  ],
];

const SOURCES: readonly Probe[] = [
  ['a syntax error', 'console.log(1)\nlet let = {'],
  ['a byte order mark', '\ufeffconsole.log(1)'],
  ['a shebang line', '#!/usr/bin/env node\r\nconsole.log(1)\r\n'],
  ['an empty file', ''],
  ['module syntax', 'import fs from "node:fs"; console.log(typeof fs, import.meta.url, typeof require)'],
  ['await in a module', 'import "node:fs"; await 1; console.log(import.meta.url); throw new Error("x")'],
  ['a dynamic import', 'import("node:os").then((os) => console.log(typeof os.cpus))'],
];

const DIFFERENCES: readonly Difference[] = [
  [
    'the arguments at the start of the process',
    'console.log(require("fs").readFileSync("/proc/self/cmdline", "utf8").split("\\0").slice(2, -2).join(" "))',
    '--require /.sandbox/preload/preload.cjs\n',
    '\n',
  ],
  [
    'the options that worker threads inherit',
    'const { Worker } = require("worker_threads"); new Worker("console.log(process.execArgv.length)", { eval: true })',
    '3\n',
    '1\n',
  ],
  [
    'the list of preloaded modules',
    'console.log(process._preload_modules)',
    "[ '/.sandbox/preload/preload.cjs' ]\n",
    '[]\n',
  ],
];

describeFidelity(
  'javascript',
  [...ENVIRONMENT, ...INPUT, ...TERMINATIONS, ...CHILDREN, ...SOURCES],
  DIFFERENCES,
);

describeFidelity(
  'typescript',
  [
    [
      'the module',
      'import * as fs from "fs"; console.log(process.argv, process.execArgv, fs.readdirSync("/app"))',
    ],
    ['a script without imports', 'const x: number = 1; console.log(x, __filename, require.main === module)'],
    ['an error', 'function f(): never { throw new Error("x"); }\nf();'],
    ['input', 'console.log(require("fs").readFileSync(0, "utf8"))', 'ä\n'],
  ],
  [],
);
