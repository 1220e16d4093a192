import { setTimeout as delay } from 'node:timers/promises';
import type { EngineClient } from '../../src/execution/engine-clients/engine.client';
import { findProcesses } from '../support/processes';
import { createRecorder, requestOf, textOf } from './engine-requests';

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
/** Milliseconds between checks of the processes of the machine. */
const RECHECK_MS = 10;
let programs = 0;

/** A program that prints that it runs and then sleeps. Its process is found by the marker. */
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
      it('reports output and resource usage of a program that succeeds, without a compilation', async () => {
        const code = 'import sys\nprint("hello " + input())\nprint("oops", file=sys.stderr)';
        const startedAtMs = Date.now();
        const report = await client.execute(
          requestOf('python', code, { input: 'World\n' }),
          createRecorder(),
        );
        expect(report).toMatchObject({
          verdict: 'OK',
          exitCode: 0,
          signal: null,
          compile: null,
          errorMessage: null,
          stdout: 'hello World\n',
          stderr: 'oops\n',
          stdoutBytes: 12,
          stderrBytes: 5,
          stdoutTruncated: false,
          stderrTruncated: false,
        });
        expect(report.resource?.executionTimeMs).toBeGreaterThan(0);
        expect(report.resource?.cpuTimeMs).toBeGreaterThan(0);
        expect(report.resource?.memoryMb).toBeGreaterThan(1);
        expect(report.queuedMs).toBeGreaterThanOrEqual(0);
        expect(Date.parse(report.completedAt)).toBeGreaterThanOrEqual(startedAtMs);
        expect(Date.parse(report.completedAt)).toBeLessThanOrEqual(Date.now());
        expect(Object.values(report)).not.toContain(undefined);
      });

      it('passes on all chunks in order, numbered from 0, before the report', async () => {
        const recorder = createRecorder();
        const code = 'for i in 1 2 3; do echo out $i; sleep 0.03; echo err $i >&2; sleep 0.03; done';
        const report = await client.execute(requestOf('bash', code), recorder);
        expect(recorder.chunks.map(({ seq }) => seq)).toEqual(recorder.chunks.map((_, index) => index));
        expect(recorder.chunks.map(({ data }) => data)).toEqual(
          [1, 2, 3].flatMap((i) => [`out ${i.toString()}\n`, `err ${i.toString()}\n`]),
        );
        const times = recorder.chunks.map(({ tMs }) => tMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(textOf(recorder.chunks, 'stdout')).toBe(report.stdout);
        expect(textOf(recorder.chunks, 'stderr')).toBe(report.stderr);
      });

      it('passes on a chunk while the program still runs', async () => {
        const recorder = createRecorder();
        const execution = client.execute(requestOf('bash', endless().code), recorder);
        await recorder.waitForOutput('started');
        recorder.stop();
        expect((await execution).verdict).toBe('CANCELLED');
      });

      it('passes on every character that a program writes', async () => {
        const text = 'a\u2028b\u2029c\u0085d\r\ne\r\0\u001b[1m\ufeff😀"\\{}';
        const recorder = createRecorder();
        const code = 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())';
        const report = await client.execute(requestOf('python', code, { input: text }), recorder);
        expect([report.stdout, textOf(recorder.chunks)]).toEqual([text, text]);
      });

      it('reports the compilation of a compiled language', async () => {
        const code = '#warning careful\nint main(void) { return 0; }';
        const report = await client.execute(requestOf('c', code), createRecorder());
        expect(report).toMatchObject({ verdict: 'OK', compile: { exitCode: 0, signal: null, stdout: '' } });
        expect(report.compile?.stderr).toContain('careful');
        expect(report.compile?.resource.executionTimeMs).toBeGreaterThan(0);
      });

      it('reports the errors of the compiler, and runs nothing', async () => {
        const recorder = createRecorder();
        const report = await client.execute(requestOf('c', 'int main(void) { return x; }'), recorder);
        expect(report).toMatchObject({
          verdict: 'COMPILE_ERROR',
          exitCode: null,
          signal: null,
          resource: null,
          stdout: '',
          stderr: '',

          compile: { exitCode: 1 },
        });
        expect(report.compile?.stderr).toMatch(/[‘']x[’'] undeclared/);
        expect(recorder.chunks).toEqual([]);
      });

      it.each([
        ['NONZERO_EXIT', 'exit 139', { exitCode: 139, signal: null }],
        ['SIGNALLED', 'kill -SEGV $$', { exitCode: null, signal: 'SIGSEGV' }],
        ['SIGNALLED', 'kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
        ['TIME_LIMIT', 'echo before; sleep 1000', { stdout: 'before\n' }],
        ['TIME_LIMIT', 'while :; do :; done', { stdout: '' }],
        ['OUTPUT_LIMIT', 'yes', { stdoutTruncated: true }],
      ])('returns the verdict %s for `%s`', async (verdict, code, more) => {
        const report = await client.execute(requestOf('bash', code, { timeoutMs: 1000 }), createRecorder());
        expect(report).toMatchObject({ verdict, errorMessage: null, ...more });
      });

      it('returns the verdict MEMORY_LIMIT for a program that exceeds its memory limit', async () => {
        const code = 'x = bytearray(400 * 1024 * 1024)\nprint("unreachable")';
        const report = await client.execute(requestOf('python', code), createRecorder());
        expect(report).toMatchObject({ verdict: 'MEMORY_LIMIT', stdout: '' });
      });

      it('passes on the output up to its limit, and only the first part of it in the report', async () => {
        const recorder = createRecorder();
        const code = 'print("x" * 90_000, end="")';
        const report = await client.execute(requestOf('python', code), recorder);
        expect(report).toMatchObject({ verdict: 'OK', stdoutBytes: 90_000, stdoutTruncated: true });
        expect([report.stdout.length, textOf(recorder.chunks).length]).toEqual([65_536, 90_000]);
      });

      it('rejects an unknown language, and lists the known ones', async () => {
        await expect(client.execute(requestOf('cobol', 'x'), createRecorder())).rejects.toMatchObject({
          code: 'unsupported-language',
          detail: expect.stringContaining('python') as string,
        });
      });

      it('rejects with engine-busy and Retry-After while every slot is in use, and works again afterwards', async () => {
        const [first, second] = [createRecorder(), createRecorder()];
        const executions = [
          client.execute(requestOf('bash', endless().code), first),
          client.execute(requestOf('bash', endless().code), second),
        ];
        await Promise.all([first.waitForOutput('started'), second.waitForOutput('started')]);
        await expect(client.execute(requestOf('bash', 'echo'), createRecorder())).rejects.toMatchObject({
          code: 'engine-busy',
          extras: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string } },
        });
        first.stop();
        second.stop();
        await Promise.all(executions);
        expect((await client.execute(requestOf('bash', 'echo'), createRecorder())).verdict).toBe('OK');
      });

      it('fails with engine-error for an id that is being executed, without affecting that execution', async () => {
        const recorder = createRecorder();
        const { code, marker } = endless();
        const request = requestOf('bash', code);
        const execution = client.execute(request, recorder);
        await recorder.waitForOutput('started');
        await expect(client.execute(request, createRecorder())).rejects.toMatchObject({
          code: 'engine-error',
        });
        expect(findProcesses(marker)).toHaveLength(1);
        recorder.stop();
        expect((await execution).verdict).toBe('CANCELLED');
      });
    });

    describe('cancel', () => {
      it('by the signal returns a report of the run so far, after the process has ended', async () => {
        const recorder = createRecorder();
        const { code, marker } = endless();
        const execution = client.execute(requestOf('bash', code), recorder);
        await recorder.waitForOutput('started');
        expect(findProcesses(marker)).toHaveLength(1);
        recorder.stop();
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', stdout: 'started\n' });
        expect(findProcesses(marker)).toEqual([]);
      });

      it('by a signal that has aborted already executes nothing', async () => {
        const recorder = createRecorder();
        recorder.stop();
        const report = await client.execute(requestOf('bash', 'echo ran'), recorder);
        expect(report).toMatchObject({ verdict: 'CANCELLED', stdout: '', resource: null, compile: null });
        expect(recorder.chunks).toEqual([]);
      });

      it('by the signal also ends a compilation', async () => {
        const recorder = createRecorder();
        // Includes itself without end, up to a depth that takes the compiler far longer than this test has.
        const code = '#if __INCLUDE_LEVEL__ < 190\n#include __FILE__\n#include __FILE__\n#endif\nint main;';
        const execution = client.execute(requestOf('c', code), recorder);
        while (findProcesses('/app/main.c').length === 0) await delay(RECHECK_MS);
        recorder.stop();
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', resource: null });
      });

      it('by the id returns true after the process has ended, and the execution returns a report', async () => {
        const recorder = createRecorder();
        const { code, marker } = endless();
        const request = requestOf('bash', code);
        const execution = client.execute(request, recorder);
        await recorder.waitForOutput('started');
        expect(await client.cancel(request.jobId)).toBe(true);
        expect(findProcesses(marker)).toEqual([]);
        expect(await execution).toMatchObject({ verdict: 'CANCELLED', stdout: 'started\n' });
      });

      it('by the id returns false when the execution does not exist or has ended', async () => {
        const request = requestOf('bash', 'echo');
        expect(await client.cancel(request.jobId)).toBe(false);
        await client.execute(request, createRecorder());
        expect(await client.cancel(request.jobId)).toBe(false);
      });
    });

    it('lists the languages, with the version of those that are installed', async () => {
      const languages = await client.languages();
      expect(languages).toHaveLength(13);
      expect(languages.find(({ id }) => id === 'python')).toMatchObject({
        name: 'Python',
        aliases: ['py', 'python3'],
        extension: 'py',
        compiled: false,
        available: true,
        version: expect.stringMatching(/^3\./) as string,
      });
      expect(languages.find(({ id }) => id === 'c')).toMatchObject({ compiled: true });
      for (const { version, available } of languages) expect(version !== null).toBe(available);
    });

    it('returns its health', async () => {
      expect(await client.ping()).toEqual({
        isolation: 'bubblewrap',
        accounting: expect.stringMatching(/^(cgroup-v2|cgroup-v1|rusage)$/) as string,
        warning: null,
        canExecute: true,
      });
    });
  });
}
