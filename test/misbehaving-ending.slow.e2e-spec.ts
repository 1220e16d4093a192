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
  ])('reports exit code 3 of a %s program as a failure with that code', async (language, code) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({
      status: 'FAILED',
      verdict: 'NONZERO_EXIT',
      exit_code: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it.each([
    ['python', 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)'],
    ['c', '#include <stdlib.h>\nint main(void) { volatile int *p = NULL; return *p; }'],
    ['bash', 'kill -SEGV $$'],
    ['javascript', 'process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)'],
  ])('reports SIGSEGV of a %s program as a signal, without an exit code', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      status: 'FAILED',
      verdict: 'SIGNALLED',
      exit_code: null,
      signal: 'SIGSEGV',
    });
  });

  it.each([
    ['python', 'import sys\nsys.exit(139)'],
    ['c', 'int main(void) { return 139; }'],
    ['bash', 'exit 139'],
    // The shell turns the signal of its child into an exit code.
    ['bash', 'bash -c "kill -SEGV \\$\\$"; exit $?'],
    ['javascript', 'process.exit(139)'],
  ])('reports exit code 139 of a %s program as an exit code, not as a signal', async (language, code) => {
    expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
      status: 'FAILED',
      verdict: 'NONZERO_EXIT',
      exit_code: 139,
      signal: null,
    });
  });

  it.each([
    ['python', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)'],
    ['bash', 'kill -KILL $$'],
    // All processes that it may send signals to, including the supervisor.
    ['perl', 'kill "KILL", -1, 1; kill "KILL", $$; sleep 1'],
  ])(
    'reports SIGKILL that a %s program sends to itself as a signal, not as a limit',
    async (language, code) => {
      expect(await runWithoutLeftovers(gateway().api, language, code)).toMatchObject({
        status: 'FAILED',
        verdict: 'SIGNALLED',
        exit_code: null,
        signal: 'SIGKILL',
      });
    },
  );

  it.each([
    ['c', '#include <stdio.h>\nint main(void) { retrun 0; }', /main\.c:2/],
    ['java', 'public class Main { public static void main(String[] a) { int x = "text"; } }', /Main\.java:1/],
    ['typescript', 'const text: number = "text";\nconsole.log(text);', /main\.ts\(1,7\)/],
    ['go', 'package main\nfunc main() { undefined() }', /main\.go:2/],
  ])('reports a compile error of %s with the output of the compiler', async (language, code, message) => {
    const job = await runWithoutLeftovers(gateway().api, language, code);
    expect(job).toMatchObject({
      status: 'FAILED',
      verdict: 'COMPILE_ERROR',
      exit_code: null,
      signal: null,
      stdout: '',
      stderr: '',
      resource: null,
      error_message: null,
    });
    expect(job.compile?.exit_code).toBeGreaterThan(0);
    expect(`${job.compile?.stdout ?? ''}${job.compile?.stderr ?? ''}`).toMatch(message);
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
  ])('runs a Java class that is not named Main and is %s', async (_which, code) => {
    const job = await runWithoutLeftovers(gateway().api, 'java', code, { timeout: 10_000 });
    expect(job).toMatchObject({ status: 'SUCCESS', verdict: 'OK', stdout: 'hi\n', stderr: '' });
  });

  it('reports a compile error for a Java class name that is too long for a file name', async () => {
    const name = 'A'.repeat(300);
    const code = `public class ${name} { public static void main(String[] a) {} }`;
    const job = await runWithoutLeftovers(gateway().api, 'java', code, { timeout: 10_000 });
    expect(job).toMatchObject({ status: 'FAILED', verdict: 'COMPILE_ERROR' });
  });
});
