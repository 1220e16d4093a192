import { type EscapeProgram, MEMORY_LIMIT } from './escape-program';
import { testEscapePrograms } from './escape-tests';

const LONG = 15_000;
const STARTED = { ...MEMORY_LIMIT, stdout: 'started\n' };

const HEAPS: readonly EscapeProgram[] = [
  {
    name: 'the heap of the JVM reaches the memory limit',
    language: 'java',
    code: `import java.util.*; class Main { public static void main(String[] a) { List<long[]> x = new ArrayList<>(); for (;;) x.add(new long[100_000]); } }`,
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of V8 reaches the memory limit',
    language: 'javascript',
    code: 'const x = []; for (let i = 0; ; i++) x.push({ i, a: [i, i + 1, { i }] })',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'buffers outside the V8 heap reach the memory limit',
    language: 'javascript',
    code: 'console.log("started"); const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1))',
    timeout: LONG,
    expected: STARTED,
  },
  {
    name: 'the heap of Go reaches the memory limit',
    language: 'go',
    code: 'package main\nfunc main() { x := [][]byte{}; for { b := make([]byte, 1<<20); for i := range b { b[i] = 1 }; x = append(x, b) } }',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of Ruby reaches the memory limit',
    language: 'ruby',
    code: 'x = []; loop { x << "x" * 1_000_000 }',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of PHP reaches the memory limit',
    language: 'php',
    code: '<?php ini_set("memory_limit", "-1"); $x = []; for (;;) $x[] = str_repeat("x", 1000000);',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
  {
    name: 'the heap of Lua reaches the memory limit',
    language: 'lua',
    code: 'local x = {} while true do x[#x + 1] = string.rep("x", 1000000) .. #x end',
    timeout: LONG,
    expected: MEMORY_LIMIT,
  },
];

describe('heaps of languages', () => {
  testEscapePrograms(HEAPS);
});
describe('heaps of languages, counted from /proc', () => {
  testEscapePrograms(HEAPS, { ENGINE_ACCOUNTING: 'rusage' });
});
