import { type EscapeProgram, printsLines } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const LONG = 10_000;

/** The compiler rejects the code with a message that matches. */
const failsToCompileWith = (
  words: RegExp,
  stream: 'stdout' | 'stderr' = 'stderr',
): EscapeProgram['expected'] => ({
  status: 'FAILED',
  verdict: 'COMPILE_ERROR',
  stdout: '',
  resource: null,
  compile: expect.objectContaining({ [stream]: expect.stringMatching(words) as string }) as object,
});
const STOPPED = {
  verdict: expect.stringMatching(/^(COMPILE_ERROR|TIME_LIMIT|MEMORY_LIMIT)$/) as string,
  stdout: '',
};

const READING: readonly EscapeProgram[] = [
  {
    name: 'C code cannot include a file of the host',
    language: 'c',
    code: '#include "/etc/shadow"\nint main(void) { return 0; }',
    expected: failsToCompileWith(/\/etc\/shadow: No such file or directory/),
  },
  {
    name: 'Rust code cannot include a file of the service',
    language: 'rust',
    code: 'fn main() { println!("{}", include_str!("DATA_DIR/jobs.db")); }',
    expected: failsToCompileWith(/couldn't read/),
    timeout: LONG,
  },
  {
    name: 'TypeScript code cannot reference a file of the host',
    language: 'typescript',
    code: '/// <reference path="DATA_DIR/jobs.ts" />\nimport shadow from "/etc/shadow";\nconsole.log(shadow);',
    expected: failsToCompileWith(/TS6053|TS2307/, 'stdout'),
    timeout: LONG,
  },
  {
    name: 'the environment of a compiler contains nothing of the service',
    language: 'rust',
    code: 'fn main() { let text = String::from_utf8_lossy(include_bytes!("/proc/self/environ")); println!("{}", text.contains("ESCAPE") || text.contains("secret")); }',
    expected: printsLines('false'),
    timeout: LONG,
  },
  {
    name: 'a compiler that reads standard input finds it empty',
    language: 'c',
    code: '#include "/dev/stdin"\nint main(void) { return 0; }',
    expected: { verdict: 'OK', stdout: '' },
  },
];

const SWALLOWING: readonly EscapeProgram[] = [
  {
    name: 'a compiler that reads an endless file is stopped',
    language: 'c',
    code: '#include "/dev/zero"\nint main(void) { return 0; }',
    expected: STOPPED,
  },
  {
    name: 'a compiler that reads a file that includes itself twice is stopped',
    language: 'c',
    code: '#include __FILE__\n#include __FILE__\nint main(void) { return 0; }',
    expected: STOPPED,
  },
  {
    name: 'endless template instantiation is stopped',
    language: 'cpp',
    code: 'template <int N, class A> struct X { X<N - 1, X<N, A>> a; X<N - 1, X<N - 1, A>> b; };\ntemplate <class A> struct X<0, A> {};\nint main() { X<40, int> x; return sizeof x; }',
    expected: STOPPED,
  },
  {
    name: 'exponential macro expansion is stopped',
    language: 'c',
    code: `#define A0 x,x,x,x,x,x,x,x\n${Array.from({ length: 12 }, (_, n) => `#define A${(n + 1).toString()} ${Array(8).fill(`A${n.toString()}`).join(',')}`).join('\n')}\nint x; int main(void) { int y[] = { A12 }; return 0; }`,
    expected: STOPPED,
  },
  {
    name: 'endless error messages of a compiler are truncated',
    language: 'c',
    code: `int main(void) { ${'y;'.repeat(100_000)} }`,
    expected: STOPPED,
  },
  {
    name: 'a huge constant is stopped at compile time',
    language: 'rust',
    code: 'const fn f(n: u64) -> u64 { let mut i = 0; while i < n { i += 1; } i }\nconst X: u64 = f(u64::MAX);\nfn main() { println!("{}", X); }',
    expected: STOPPED,
  },
  {
    name: 'code generated at compile time does not run before it is compiled',
    language: 'java',
    code: '@javax.annotation.processing.SupportedAnnotationTypes("*")\npublic class Main extends javax.annotation.processing.AbstractProcessor { static { System.out.println("ran"); } public boolean process(java.util.Set<? extends javax.lang.model.element.TypeElement> a, javax.annotation.processing.RoundEnvironment r) { System.out.println("processed"); return false; } public static void main(String[] a) { System.out.println("main"); } }',
    expected: printsLines('ran', 'main'),
    timeout: LONG,
  },
];

/** Timeout in ms for compilations that would never end. */
const SHORT = { ENGINE_COMPILE_TIMEOUT: '1500' };

describe('code that makes a compiler read files', () => {
  testEscapePrograms(READING);
});
describe('code that makes a compiler use resources', () => {
  testEscapePrograms(SWALLOWING, SHORT);
});
