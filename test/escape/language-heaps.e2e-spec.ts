/** The heaps of languages: each ends at the limit, whoever counts. */
import { type EscapeProgram, MEMORY_LIMIT } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const LONG = 15_000;
const STARTED = { ...MEMORY_LIMIT, stdout: 'started\n' };

const HEAPS: readonly EscapeProgram[] = [
  {
    name: 'the heap of the JVM ends at the limit',
    language: 'java',
    code: `import java.util.*; class Main { public static void main(String[] a) { List<long[]> x = new ArrayList<>(); for (;;) x.add(new long[100_000]); } }`,
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of V8 ends at the limit',
    language: 'javascript',
    code: 'const x = []; for (let i = 0; ; i++) x.push({ i, a: [i, i + 1, { i }] })',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'buffers beside the heap of V8 end at the limit',
    language: 'javascript',
    code: 'console.log("started"); const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1))',
    timeout: LONG,
    expected: STARTED,
  },
  {
    name: 'the heap of Go ends at the limit',
    language: 'go',
    code: 'package main\nfunc main() { x := [][]byte{}; for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; x = append(x, b) } }',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of Ruby ends at the limit',
    language: 'ruby',
    code: 'x = []; loop { x << "x" * 1_000_000 }',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of PHP ends at the limit',
    language: 'php',
    code: '<?php ini_set("memory_limit", "-1"); $x = []; for (;;) $x[] = str_repeat("x", 1000000);',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of Lua ends at the limit',
    language: 'lua',
    code: 'local x = {} while true do x[#x + 1] = string.rep("x", 1000000) .. #x end',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
];

describe('heaps', () => {
  testEscapePrograms(HEAPS);
});
describe('heaps where nothing but /proc counts them', () => {
  testEscapePrograms(HEAPS, { ENGINE_ACCOUNTING: 'rusage' });
});
