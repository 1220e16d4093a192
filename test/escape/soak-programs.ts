/** A program of the mix: most behave well, in several languages, and some do not. */
export interface SoakProgram {
  readonly language: string;
  readonly code: string;
  /** The possible verdicts. */
  readonly verdicts: readonly string[];
  /** Expected output; undefined: any. */
  readonly stdout?: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** What the client does when the program runs; undefined: it waits for the response. */
  readonly client?: 'cancels' | 'disconnects';
}

type Source = readonly [language: string, code: string];

const GREETING = 'hello\n';
const GREETINGS: readonly Source[] = [
  ['python', 'print("hello")'],
  ['bash', 'echo hello'],
  ['perl', 'print "hello\\n"'],
  ['javascript', 'console.log("hello")'],
  ['python', 'import json, sys\nprint(json.loads(\'"hello"\'))'],
  ['c', '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }'],
  ['bash', 'cat <<< hello'],
  ['ruby', 'puts "hello"'],
  ['lua', 'print("hello")'],
  ['php', '<?php echo "hello\\n";'],
  ['perl', 'open my $f, ">", "/tmp/f"; print $f "x" x 1e6; close $f; print "hello\\n"'],
  ['python', 'import subprocess\nsubprocess.run(["echo", "hello"])'],
  ['bash', '(setsid sleep MARKER &); sleep MARKER & echo hello'],
  ['perl', 'symlink "/", "/work/root"; mkdir "/work/$_" for 1 .. 50; chmod 0, "/work"; print "hello\\n"'],
  [
    'python',
    'import os\nfor s in range(1, 32):\n  try: os.kill(1, s)\n  except OSError: pass\nprint("hello")',
  ],
];
const COMPILED: readonly Source[] = [
  ['java', 'class Main { public static void main(String[] a) { System.out.println("hello"); } }'],
  ['go', 'package main\nimport "fmt"\nfunc main() { fmt.Println("hello") }'],
  ['typescript', 'const word: string = "hello";\nconsole.log(word);'],
  ['rust', 'fn main() { println!("hello"); }'],
];

const FAILS: readonly (readonly [Source, readonly string[], number?])[] = [
  [['python', 'raise SystemExit(3)'], ['NONZERO_EXIT']],
  [['bash', 'kill -SEGV $$'], ['SIGNALLED']],
  [['c', 'int main(void) { retrun 0; }'], ['COMPILE_ERROR']],
  [['perl', 'kill "KILL", -1; kill "KILL", $$; sleep 1'], ['SIGNALLED']],
  [['python', 'while True: pass'], ['TIME_LIMIT'], 150],
  [['bash', 'trap "" TERM INT HUP; sleep MARKER & sleep MARKER'], ['TIME_LIMIT'], 100],
  [['javascript', 'setInterval(() => {}, 1000)'], ['TIME_LIMIT'], 150],
  [['bash', 'kill -STOP $$'], ['TIME_LIMIT'], 100],
  [
    ['bash', 'bomb() { bomb | bomb & wait; }; bomb 2> /dev/null; sleep MARKER'],
    ['TIME_LIMIT', 'MEMORY_LIMIT'],
    200,
  ],
  [['perl', 'fork while 1'], ['TIME_LIMIT', 'MEMORY_LIMIT'], 150],
  [['bash', 'yes & yes >&2'], ['OUTPUT_LIMIT', 'TIME_LIMIT'], 300],
  [
    ['python', 'x = [bytearray(b"x") * (1 << 20) for _ in range(1000)]'],
    ['MEMORY_LIMIT', 'TIME_LIMIT'],
    1000,
  ],
  [
    // A fast machine reaches the limit of files before the time limit.
    ['perl', 'for (my $n = 0; ; $n++) { mkdir "/tmp/$n" or last }'],
    ['OK', 'TIME_LIMIT', 'MEMORY_LIMIT'],
    200,
  ],
  [['perl', 'print STDOUT "r\\0\\0\\0\\x0b0 1000 1000 9" x 9; exit 9'], ['NONZERO_EXIT']],
];

const LONG: Source = ['bash', 'echo started; setsid sleep MARKER & sleep MARKER'];
const QUICK_MS = 5000;
/** One run in this number uses a slow compiler. */
const COMPILED_EVERY = 23;

const greeting = ([language, code]: Source): SoakProgram => ({
  language,
  code,
  verdicts: ['OK'],
  stdout: GREETING,
  timeout: QUICK_MS,
});

const WELL_OR_NOT: readonly SoakProgram[] = FAILS.flatMap(
  ([[language, code], verdicts, timeout = QUICK_MS], at) => [
    { language, code, verdicts, timeout },
    ...[at, at + FAILS.length]
      .flatMap((n) => GREETINGS.slice(n % GREETINGS.length, (n % GREETINGS.length) + 1))
      .map(greeting),
  ],
);

const STOPPED: readonly SoakProgram[] = (['cancels', 'disconnects'] as const).map((client) => ({
  language: LONG[0],
  code: LONG[1],
  verdicts: ['CANCELLED'],
  timeout: 20_000,
  client,
}));
const MIX: readonly SoakProgram[] = [...WELL_OR_NOT, ...STOPPED];

/** The program of the run with this number. */
export function programForRun(run: number): SoakProgram {
  const from = run % COMPILED_EVERY === 0 ? COMPILED.map(greeting) : MIX;
  const at = run % COMPILED_EVERY === 0 ? run / COMPILED_EVERY : run;
  const program = from[at % from.length];
  if (!program) throw new Error('There are no programs');
  return program;
}
