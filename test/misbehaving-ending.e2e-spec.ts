/** How programs end: exit codes and signals are told apart, and what a compiler refuses is not run. */
import { describeEachDeployment } from './support/each-deployment';
import { runWithoutLeftovers } from './support/leftovers';

describeEachDeployment({}, (gateway) => {
  it.each([
    ['python', 'import sys\nprint("out")\nprint("err", file=sys.stderr)\nsys.exit(3)'],
    ['javascript', 'console.log("out"); console.error("err"); process.exitCode = 3'],
    ['c', '#include <stdio.h>\nint main(void) { puts("out"); fputs("err\\n", stderr); return 3; }'],
    ['bash', 'echo out; echo err >&2; exit 3'],
    [
      'java',
      'class A { public static void main(String[] a) { System.out.println("out"); System.err.println("err"); System.exit(3); } }',
    ],
  ])('exit code 3 in %s is a failure with that code', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({
      ...{ status: 'FAILED', verdict: 'NONZERO_EXIT', exit_code: 3, signal: null },
      ...{ stdout: 'out\n', stderr: 'err\n' },
    });
  });

  it.each([
    ['python', 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)'],
    ['c', '#include <stdlib.h>\nint main(void) { volatile int *p = NULL; return *p; }'],
    ['bash', 'kill -SEGV $$'],
    ['javascript', 'process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)'],
  ])('SIGSEGV in %s is a signal and no exit code', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'SIGNALLED', exit_code: null, signal: 'SIGSEGV' },
    });
  });

  it.each([
    ['python', 'import sys\nsys.exit(139)'],
    ['c', 'int main(void) { return 139; }'],
    ['bash', 'exit 139'],
    // The shell turns the end of its child into an exit code of its own.
    ['bash', 'bash -c "kill -SEGV \\$\\$"; exit $?'],
    ['javascript', 'process.exit(139)'],
  ])('exit code 139 in %s is an exit code and no signal', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'NONZERO_EXIT', exit_code: 139, signal: null },
    });
  });

  it.each([
    ['python', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)'],
    ['bash', 'kill -KILL $$'],
    // Everything that it may send signals to, the supervisor among them.
    ['perl', 'kill "KILL", -1, 1; kill "KILL", $$; sleep 1'],
  ])('SIGKILL to itself in %s is its own doing', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      ...{ status: 'FAILED', verdict: 'SIGNALLED', exit_code: null, signal: 'SIGKILL' },
    });
  });

  it.each([
    ['c', '#include <stdio.h>\nint main(void) { retrun 0; }', /main\.c:2/],
    ['java', 'public class Main { public static void main(String[] a) { int x = "text"; } }', /Main\.java:1/],
    ['typescript', 'const text: number = "text";\nconsole.log(text);', /main\.ts\(1,7\)/],
    ['go', 'package main\nfunc main() { undefined() }', /main\.go:2/],
  ])('what the compiler of %s refuses is a compile error with its words', async (language, code, words) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({
      ...{ status: 'FAILED', verdict: 'COMPILE_ERROR', exit_code: null, signal: null },
      ...{ stdout: '', stderr: '', resource: null, error_message: null },
    });
    expect(job.compile?.exit_code).toBeGreaterThan(0);
    expect(`${job.compile?.stdout ?? ''}${job.compile?.stderr ?? ''}`).toMatch(words);
  });

  it.each([
    ['public', 'public class Greeter { public static void main(String[] a) { System.out.println("hi"); } }'],
    [
      'not public',
      'class Other {}\nclass Greeter { public static void main(String[] a) { System.out.println("hi"); } }',
    ],
    [
      'in a package',
      'package a.b;\npublic class Greeter { public static void main(String[] a) { System.out.println("hi"); } }',
    ],
  ])('a class of Java that is not named Main and is %s runs', async (_which, code) => {
    const job = await runWithoutLeftovers(gateway().api, 'java', code, { timeout: 10_000 });
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', stdout: 'hi\n', stderr: '' });
  });

  it('a name of a class that no file can have is a compile error', async () => {
    const name = 'A'.repeat(300);
    const code = `public class ${name} { public static void main(String[] a) {} }`;
    const job = await runWithoutLeftovers(gateway().api, 'java', code, { timeout: 10_000 });
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'COMPILE_ERROR' });
  });
});
