/** What every EngineClient promises. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineClient } from '../../src/execution/engine-clients/engine.client';
import { findProcesses } from '../support/processes';
import { recordedCalls, requestOf, textOf } from './engine-requests';

export interface EngineClientAdapter {
  readonly client: EngineClient;
  close(): Promise<void>;
}

/** Settings of the engine under test. */
export type EngineOverrides = Readonly<Record<string, string>>;

const OUTPUT_BYTES_MAX = 100_000;
const SETTINGS: EngineOverrides = {
  ENGINE_SLOTS: '2',
  ENGINE_QUEUE_MAX: '0',
  ENGINE_OUTPUT_MAX_BYTES: OUTPUT_BYTES_MAX.toString(),
};
/** ms between looks at the processes of the machine. */
const RECHECK_MS = 10;
let programs = 0;

/** A program that says that it runs, then waits to be ended; the marker finds its process. */
function endless(): { code: string; marker: string } {
  programs += 1;
  const marker = `1000.${process.pid.toString()}00${programs.toString()}`;
  return { code: `echo started; exec sleep ${marker}`, marker };
}

export function describeEngineClient(
  name: string,
  makeAdapter: (overrides: EngineOverrides) => Promise<EngineClientAdapter>,
): void {
  describe(`EngineClient: ${name}`, () => {
    let adapter: EngineClientAdapter;
    let client: EngineClient;
    beforeAll(async () => {
      adapter = await makeAdapter(SETTINGS);
      client = adapter.client;
    }, 60_000);
    afterAll(() => adapter.close());

    describe('execute', () => {
      it('reports a program that works: its output, its figures, and nothing of a compiler', async () => {
        const code = 'import sys\nprint("hello " + input())\nprint("oops", file=sys.stderr)';
        const startedAtMs = Date.now();
        const report = await client.execute(requestOf('python', code, { input: 'World\n' }), recordedCalls());
        expect(report).toMatchObject({
          ...{ verdict: 'OK', exitCode: 0, signal: null, compile: null, errorMessage: null },
          ...{ stdout: 'hello World\n', stderr: 'oops\n', stdoutBytes: 12, stderrBytes: 5 },
          ...{ stdoutTruncated: false, stderrTruncated: false },
        });
        expect(report.resource?.executionTimeMs).toBeGreaterThan(0);
        expect(report.resource?.cpuTimeMs).toBeGreaterThan(0);
        expect(report.resource?.memoryMb).toBeGreaterThan(1);
        expect(report.queuedMs).toBeGreaterThanOrEqual(0);
        expect(Date.parse(report.completedAt)).toBeGreaterThanOrEqual(startedAtMs);
        expect(Date.parse(report.completedAt)).toBeLessThanOrEqual(Date.now());
        expect(Object.values(report)).not.toContain(undefined);
      });

      it('hands out the chunks in order, counted from 0, and all before the report', async () => {
        const calls = recordedCalls();
        const code = 'for i in 1 2 3; do echo out $i; sleep 0.03; echo err $i >&2; sleep 0.03; done';
        const report = await client.execute(requestOf('bash', code), calls);
        expect(calls.chunks.map(({ seq }) => seq)).toEqual(calls.chunks.map((_, index) => index));
        expect(calls.chunks.map(({ data }) => data)).toEqual(
          [1, 2, 3].flatMap((i) => [`out ${i.toString()}\n`, `err ${i.toString()}\n`]),
        );
        const times = calls.chunks.map(({ tMs }) => tMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(textOf(calls.chunks, 'stdout')).toBe(report.stdout);
        expect(textOf(calls.chunks, 'stderr')).toBe(report.stderr);
      });

      it('hands out a chunk while the program still runs', async () => {
        const calls = recordedCalls();
        const execution = client.execute(requestOf('bash', endless().code), calls);
        await calls.until('started');
        calls.stop();
        expect((await execution).verdict).toBe('CANCELLED');
      });

      it('passes on whatever characters a program writes', async () => {
        const text = 'a\u2028b\u2029c\u0085d\r\ne\r\0\u001b[1m\ufeff😀"\\{}';
        const calls = recordedCalls();
        const code = 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())';
        const report = await client.execute(requestOf('python', code, { input: text }), calls);
        expect([report.stdout, textOf(calls.chunks)]).toEqual([text, text]);
      });

      it('reports the compilation of a compiled language', async () => {
        const code = '#warning careful\nint main(void) { return 0; }';
        const report = await client.execute(requestOf('c', code), recordedCalls());
        expect(report).toMatchObject({ verdict: 'OK', compile: { exitCode: 0, signal: null, stdout: '' } });
        expect(report.compile?.stderr).toContain('careful');
        expect(report.compile?.resource.executionTimeMs).toBeGreaterThan(0);
      });

      it('tells what the compiler refused, and runs nothing', async () => {
        const calls = recordedCalls();
        const report = await client.execute(requestOf('c', 'int main(void) { return x; }'), calls);
        expect(report).toMatchObject({
          ...{
            verdict: 'COMPILE_ERROR',
            exitCode: null,
            signal: null,
            resource: null,
            stdout: '',
            stderr: '',
          },
          compile: { exitCode: 1 },
        });
        expect(report.compile?.stderr).toMatch(/[‘']x[’'] undeclared/);
        expect(calls.chunks).toEqual([]);
      });

      it.each([
        ['NONZERO_EXIT', 'exit 139', { exitCode: 139, signal: null }],
        ['SIGNALLED', 'kill -SEGV $$', { exitCode: null, signal: 'SIGSEGV' }],
        ['SIGNALLED', 'kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
        ['TIME_LIMIT', 'echo before; sleep 1000', { stdout: 'before\n' }],
        ['TIME_LIMIT', 'while :; do :; done', { stdout: '' }],
        ['OUTPUT_LIMIT', 'yes', { stdoutTruncated: true }],
      ])('gives the verdict %s to `%s`', async (verdict, code, more) => {
        const report = await client.execute(requestOf('bash', code, { timeoutMs: 1000 }), recordedCalls());
        expect(report).toMatchObject({ verdict, errorMessage: null, ...more });
      });

      it('gives the verdict MEMORY_LIMIT to a program that takes more than there is', async () => {
        const code = 'x = bytearray(400 * 1024 * 1024)\nprint("unreachable")';
        const report = await client.execute(requestOf('python', code), recordedCalls());
        expect(report).toMatchObject({ verdict: 'MEMORY_LIMIT', stdout: '' });
      });

      it('hands out the whole output up to its limit, where the report has only the beginning', async () => {
        const calls = recordedCalls();
        const code = 'print("x" * 90_000, end="")';
        const report = await client.execute(requestOf('python', code), calls);
        expect(report).toMatchObject({ verdict: 'OK', stdoutBytes: 90_000, stdoutTruncated: true });
        expect([report.stdout.length, textOf(calls.chunks).length]).toEqual([65_536, 90_000]);
      });

      it('refuses a language that nobody knows, with those that there are', async () => {
        await expect(client.execute(requestOf('cobol', 'x'), recordedCalls())).rejects.toMatchObject({
          code: 'unsupported-language',
          detail: expect.stringContaining('python') as string,
        });
      });

      it('refuses as engine-busy with Retry-After when every slot is taken, and works again after', async () => {
        const [first, second] = [recordedCalls(), recordedCalls()];
        const executions = [
          client.execute(requestOf('bash', endless().code), first),
          client.execute(requestOf('bash', endless().code), second),
        ];
        await Promise.all([first.until('started'), second.until('started')]);
        await expect(client.execute(requestOf('bash', 'echo'), recordedCalls())).rejects.toMatchObject({
          code: 'engine-busy',
          extras: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string } },
        });
        first.stop();
        second.stop();
        await Promise.all(executions);
        expect((await client.execute(requestOf('bash', 'echo'), recordedCalls())).verdict).toBe('OK');
      });

      it('fails as engine-error for an id that is being executed, and leaves that execution alone', async () => {
        const calls = recordedCalls();
        const { code, marker } = endless();
        const request = requestOf('bash', code);
        const execution = client.execute(request, calls);
        await calls.until('started');
        await expect(client.execute(request, recordedCalls())).rejects.toMatchObject({
          code: 'engine-error',
        });
        expect(findProcesses(marker)).toHaveLength(1);
        calls.stop();
        expect((await execution).verdict).toBe('CANCELLED');
      });
    });

    describe('cancel', () => {
      it('by the signal gives a report of what was done until then, when the process is gone', async () => {
        const calls = recordedCalls();
        const { code, marker } = endless();
        const execution = client.execute(requestOf('bash', code), calls);
        await calls.until('started');
        expect(findProcesses(marker)).toHaveLength(1);
        calls.stop();
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', stdout: 'started\n' });
        expect(findProcesses(marker)).toEqual([]);
      });

      it('by a signal that was aborted before executes nothing', async () => {
        const calls = recordedCalls();
        calls.stop();
        const report = await client.execute(requestOf('bash', 'echo ran'), calls);
        expect(report).toMatchObject({ verdict: 'CANCELLED', stdout: '', resource: null, compile: null });
        expect(calls.chunks).toEqual([]);
      });

      it('by the signal ends a compilation too', async () => {
        const calls = recordedCalls();
        // Includes itself without end, up to a depth that takes the compiler far longer than this test has.
        const code = '#if __INCLUDE_LEVEL__ < 190\n#include __FILE__\n#include __FILE__\n#endif\nint main;';
        const execution = client.execute(requestOf('c', code), calls);
        while (findProcesses('/app/main.c').length === 0) await delay(RECHECK_MS);
        calls.stop();
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', resource: null });
      });

      it('by the id is true when the process is gone, and the execution gives a report', async () => {
        const calls = recordedCalls();
        const { code, marker } = endless();
        const request = requestOf('bash', code);
        const execution = client.execute(request, calls);
        await calls.until('started');
        expect(await client.cancel(request.jobId)).toBe(true);
        expect(findProcesses(marker)).toEqual([]);
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', stdout: 'started\n' });
      });

      it('by the id is false when there is no such execution, or it has ended', async () => {
        const request = requestOf('bash', 'echo');
        expect(await client.cancel(request.jobId)).toBe(false);
        await client.execute(request, recordedCalls());
        expect(await client.cancel(request.jobId)).toBe(false);
      });
    });

    it('lists the languages, those that work here with their version', async () => {
      const languages = await client.languages();
      expect(languages).toHaveLength(13);
      expect(languages.find(({ id }) => id === 'python')).toMatchObject({
        ...{ name: 'Python', aliases: ['py', 'python3'], extension: 'py', compiled: false, available: true },
        version: expect.stringMatching(/^3\./) as string,
      });
      expect(languages.find(({ id }) => id === 'c')).toMatchObject({ compiled: true });
      for (const { version, available } of languages) expect(version !== null).toBe(available);
    });

    it('answers a ping with its condition', async () => {
      expect(await client.ping()).toEqual({
        isolation: 'bubblewrap',
        accounting: expect.stringMatching(/^(cgroup-v2|cgroup-v1|rusage)$/) as string,
        warning: null,
        canExecute: true,
      });
    });
  });
}
