import type { InputResult } from '../../src/engine-contract/report';
import { Compiler } from '../../src/engine/compiler';
import { Runner } from '../../src/engine/runner';
import { EngineError } from '../../src/engine/sandbox/engine.error';
import type { EngineClient } from '../../src/execution/engine-clients/engine.client';
import { findLeftovers, createMarker } from '../support/leftovers';
import { type ExecutionRecorder, createRecorder, requestOf, textOf } from './engine-requests';
import type { EngineClientAdapter, EngineOverrides } from './engine.client.suite';

const SETTINGS: EngineOverrides = {
  ENGINE_SLOTS: '2',
  ENGINE_QUEUE_MAX: '0',
  ENGINE_OUTPUT_MAX_BYTES: '100000',
};
const DOUBLE = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d", 2 * n); }';

/** Ends at once, or prints that it runs and sleeps. */
const quickOrSlow = (marker: string): string =>
  `read name; echo $name; case $name in slow*) exec sleep ${marker};; esac`;

const outputOf = (
  recorder: ExecutionRecorder,
  input: number,
  stream: 'stdout' | 'stderr' = 'stdout',
): string =>
  textOf(
    recorder.chunks.filter((chunk) => chunk.input === input),
    stream,
  );
const verdictsOf = (results: readonly InputResult[] | undefined): string[] | undefined =>
  results?.map(({ verdict }) => verdict);

export function describeManyInputs(
  name: string,
  makeAdapter: (overrides: EngineOverrides) => Promise<EngineClientAdapter>,
): void {
  describe(`EngineClient with many inputs: ${name}`, () => {
    let adapter: EngineClientAdapter;
    let client: EngineClient;
    beforeAll(async () => {
      adapter = await makeAdapter(SETTINGS);
      client = adapter.client;
    }, 60_000);
    afterAll(() => adapter.close());
    afterEach(() => jest.restoreAllMocks());

    const execute = (
      language: string,
      code: string,
      inputs: readonly string[],
      recorder = createRecorder(),
    ) => client.execute(requestOf(language, code, { inputs }), recorder);

    it('returns a result for each input in their order, whichever ends first', async () => {
      const recorder = createRecorder();
      const code = 'read seconds text; sleep $seconds; echo $text; echo $text >&2';
      const report = await execute('bash', code, ['0.7 a\n', '0 b\n', '0 c\n'], recorder);
      expect(report.results).toHaveLength(3);
      for (const [index, text] of ['a\n', 'b\n', 'c\n'].entries())
        expect(report.results?.[index]).toMatchObject({
          verdict: 'OK',
          exitCode: 0,
          signal: null,
          errorMessage: null,
          stdout: text,
          stderr: text,
          stdoutBytes: 2,
          stderrBytes: 2,
          stdoutTruncated: false,
          stderrTruncated: false,
        });
      expect(recorder.chunks.map(({ input }) => input)).toEqual([1, 1, 2, 2, 0, 0]);
    });

    it('summarizes the results', async () => {
      const startedAtMs = Date.now();
      const code = 'import sys\nprint(input())\nx = b"x" * (len(input()) << 20)';
      const { results, ...summary } = await execute('python', code, ['a\n\n', 'é\n' + 'x'.repeat(60)]);
      const [small, large] = (results ?? []).map(({ resource }) => resource);
      expect(summary).toMatchObject({
        verdict: 'OK',
        exitCode: 0,
        signal: null,
        errorMessage: null,
        compile: null,
        compileCached: false,
        stdout: '',
        stderr: '',
        stdoutBytes: 5,
        stderrBytes: 0,
        stdoutTruncated: false,
        stderrTruncated: false,
        sandbox: results?.[0]?.sandbox,
        queuedMs: results?.[0]?.queuedMs,
      });
      if (!small || !large) throw new Error('They did not run');
      expect(summary.resource?.memoryMb).toBe(large.memoryMb);
      expect(large.memoryMb).toBeGreaterThan(small.memoryMb + 40);
      expect(summary.resource?.executionTimeMs).toBeCloseTo(small.executionTimeMs + large.executionTimeMs);
      expect(summary.resource?.cpuTimeMs).toBeCloseTo(small.cpuTimeMs + large.cpuTimeMs);
      expect(Date.parse(summary.completedAt)).toBeGreaterThanOrEqual(startedAtMs);
      expect(Date.parse(summary.completedAt)).toBeLessThanOrEqual(Date.now());
      expect(Object.values(summary)).not.toContain(undefined);
    });

    it('returns one result for a list with one input, and no results for a single input', async () => {
      const [listed, single] = [createRecorder(), createRecorder()];
      const report = await execute('bash', 'cat', ['a'], listed);
      expect(report.results).toMatchObject([{ verdict: 'OK', stdout: 'a' }]);
      expect(listed.chunks).toMatchObject([{ seq: 0, input: 0, data: 'a' }]);
      const alone = await client.execute(requestOf('bash', 'cat', { input: 'a' }), single);
      expect(alone).not.toHaveProperty('results');
      expect(single.chunks[0]).not.toHaveProperty('input');
    });

    it('compiles once, and not at all if the program is in the cache', async () => {
      const compile = jest.spyOn(Compiler.prototype, 'compileUncached');
      const code = `${DOUBLE} // ${createMarker()}`;
      for (const compileCached of [false, true]) {
        const report = await execute('c', code, ['1', '2', '3', '4', '5']);
        expect(report.results?.map(({ stdout }) => stdout)).toEqual(['2', '4', '6', '8', '10']);
        expect(report).toMatchObject({ verdict: 'OK', compile: { exitCode: 0 }, compileCached });
        expect(compile).toHaveBeenCalledTimes(1);
      }
    });

    it('reports a compile error for each input, and runs nothing', async () => {
      const recorder = createRecorder();
      const report = await execute('c', 'int main(', ['1', '2', '3'], recorder);
      const nothing = { stdout: '', stdoutBytes: 0, exitCode: null, signal: null, resource: null };
      const refused = { verdict: 'COMPILE_ERROR', ...nothing, sandbox: null };
      expect(report).toMatchObject({ ...refused, compile: { exitCode: 1 } });
      expect(report.results).toHaveLength(3);
      for (const result of report.results ?? []) expect(result).toMatchObject(refused);
      expect(recorder.chunks).toEqual([]);
    });

    it('continues after an input fails, and its summary is that of the first that is not OK', async () => {
      const code = 'read code; echo $code; [ $code = kill ] && kill -SEGV $$; exit $code';
      const report = await execute('bash', code, ['0', '3', 'kill', '0']);
      expect(report.results).toMatchObject([
        { verdict: 'OK', exitCode: 0, stdout: '0\n' },
        { verdict: 'NONZERO_EXIT', exitCode: 3, stdout: '3\n' },
        { verdict: 'SIGNALLED', exitCode: null, signal: 'SIGSEGV', stdout: 'kill\n' },
        { verdict: 'OK', exitCode: 0, stdout: '0\n' },
      ]);
      expect(report).toMatchObject({ verdict: 'NONZERO_EXIT', exitCode: 3, signal: null, stdoutBytes: 11 });
    });

    it('numbers the chunks of all inputs together, each with the index of its input', async () => {
      const recorder = createRecorder();
      const code =
        'read name; for i in 1 2 3 4; do echo $name$i; sleep 0.05; echo $name$i >&2; sleep 0.05; done';
      const { results } = await execute('bash', code, ['a', 'b', 'c'], recorder);
      expect(recorder.chunks.map(({ seq }) => seq)).toEqual(recorder.chunks.map((_, index) => index));
      for (const [index, result] of (results ?? []).entries()) {
        const letter = 'abc'[index] ?? '';
        expect(result.stdout).toBe([1, 2, 3, 4].map((i) => `${letter}${i.toString()}\n`).join(''));
        expect(outputOf(recorder, index)).toBe(result.stdout);
        expect(outputOf(recorder, index, 'stderr')).toBe(result.stderr);
        const times = recorder.chunks.filter(({ input }) => input === index).map(({ tMs }) => tMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
      // Both slots were busy at a time.
      const inputs = recorder.chunks.map(({ input }) => input);
      expect(inputs.indexOf(1)).toBeLessThan(inputs.lastIndexOf(0));
    });

    it('gives each input an equal share of the 64 KiB preview and of the output limit', async () => {
      const recorder = createRecorder();
      const code = 'print("é" * (int(input()) // 2), end="")';
      const { results, ...summary } = await execute('python', code, ['100', '30000', '40000'], recorder);
      expect(results).toMatchObject([
        { verdict: 'OK', stdoutBytes: 100, stdoutTruncated: false, stdout: 'é'.repeat(50) },
        // 65,536 / 3 is odd: the last character would not fit.
        { verdict: 'OK', stdoutBytes: 30_000, stdoutTruncated: true, stdout: 'é'.repeat(10_922) },
        { verdict: 'OUTPUT_LIMIT', stdoutTruncated: true, stdout: 'é'.repeat(10_922) },
      ]);
      expect(summary).toMatchObject({
        verdict: 'OUTPUT_LIMIT',
        stdoutTruncated: true,
        stderrTruncated: false,
      });
      expect([0, 1, 2].map((input) => Buffer.byteLength(outputOf(recorder, input)))).toEqual([
        100, 30_000, 33_332,
      ]);
    });

    it('runs a hundred inputs on an engine without a queue, and rejects none of them', async () => {
      const inputs = Array.from({ length: 100 }, (_, index) => `input ${index.toString()}`);
      const report = await execute('bash', 'cat', inputs);
      expect(report.verdict).toBe('OK');
      expect(report.results?.map(({ stdout }) => stdout)).toEqual(inputs);
    }, 60_000);

    it.each<[string, (recorder: ExecutionRecorder, jobId: string) => unknown]>([
      [
        'the signal',
        (recorder) => {
          recorder.stop();
        },
      ],
      ['the id', (_calls, jobId) => client.cancel(jobId)],
    ])(
      'is cancelled by %s as a whole: finished results stay, and no process is left',
      async (_how, cancel) => {
        const [recorder, marker] = [createRecorder(), createMarker()];
        const inputs = ['quick', 'slow1', 'slow2', 'quick', 'slow3'];
        const request = requestOf('bash', quickOrSlow(marker), { inputs, timeoutMs: 20_000 });
        const execution = client.execute(request, recorder);
        await recorder.waitForOutput('slow1');
        await recorder.waitForOutput('slow2');
        await cancel(recorder, request.jobId);
        const report = await execution;
        expect(findLeftovers(marker)).toEqual([]);
        const notRun = { verdict: 'CANCELLED', stdout: '', resource: null, sandbox: null, exitCode: null };
        expect(report.results).toMatchObject([
          { verdict: 'OK', exitCode: 0, stdout: 'quick\n' },
          { verdict: 'CANCELLED', stdout: 'slow1\n' },
          { verdict: 'CANCELLED', stdout: 'slow2\n' },
          notRun,
          notRun,
        ]);
        expect(report).toMatchObject({ verdict: 'CANCELLED', stdoutBytes: 18, compile: null });
        expect((await execute('bash', 'cat', ['a', 'b'])).verdict).toBe('OK');
      },
    );

    it('has the verdict CANCELLED even if an input has failed before', async () => {
      const [recorder, marker] = [createRecorder(), createMarker()];
      const inputs = ['quick', 'slow1', 'slow2'];
      const execution = execute('bash', `${quickOrSlow(marker)}; exit 3`, inputs, recorder);
      await recorder.waitForOutput('slow1');
      // It has the slot of the quick one.
      await recorder.waitForOutput('slow2');
      recorder.stop();
      const report = await execution;
      expect(verdictsOf(report.results)).toEqual(['NONZERO_EXIT', 'CANCELLED', 'CANCELLED']);
      expect(report).toMatchObject({ verdict: 'CANCELLED', exitCode: null });
    });

    it('runs nothing with a signal that has aborted already', async () => {
      const recorder = createRecorder();
      recorder.stop();
      const report = await execute('bash', 'echo ran', ['', ''], recorder);
      expect(report).toMatchObject({ verdict: 'CANCELLED', compile: null });
      expect(verdictsOf(report.results)).toEqual(['CANCELLED', 'CANCELLED']);
      expect(recorder.chunks).toEqual([]);
    });

    it('is rejected as a whole when there is no slot for the first input', async () => {
      const others = [createRecorder(), createRecorder()];
      const marker = createMarker();
      const executions = others.map((recorder) =>
        client.execute(requestOf('bash', `echo started; exec sleep ${marker}`), recorder),
      );
      await Promise.all(others.map((recorder) => recorder.waitForOutput('started')));
      const recorder = createRecorder();
      await expect(execute('bash', 'echo ran', ['', ''], recorder)).rejects.toMatchObject({
        code: 'engine-busy',
        extras: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as string } },
      });
      expect(recorder.chunks).toEqual([]);
      for (const other of others) other.stop();
      await Promise.all(executions);
    });

    it('continues in its own slots when there is none for a later input', async () => {
      const [other, marker] = [createRecorder(), createMarker()];
      const execution = client.execute(requestOf('bash', `echo started; exec sleep ${marker}`), other);
      await other.waitForOutput('started');
      const report = await execute('bash', 'cat', ['a', 'b', 'c']);
      expect(report.results?.map(({ stdout }) => stdout)).toEqual(['a', 'b', 'c']);
      other.stop();
      await execution;
    });

    it('fails with engine-error when the engine fails for one input, and no process is left', async () => {
      const [recorder, marker] = [createRecorder(), createMarker()];
      const spy = jest.spyOn(Runner.prototype, 'run');
      const run = spy.getMockImplementation();
      spy.mockImplementation(async function (this: Runner, ...call) {
        if (run && call[1] !== 'broken') return run.apply(this, call);
        await recorder.waitForOutput('slow');
        throw new EngineError('broken');
      });
      const inputs = ['quick', 'slow', 'broken', 'never'];
      await expect(execute('bash', quickOrSlow(marker), inputs, recorder)).rejects.toMatchObject({
        code: 'engine-error',
      });
      expect(findLeftovers(marker)).toEqual([]);
      expect(textOf(recorder.chunks)).not.toContain('never');
    });

    it('fails with engine-error without an input', async () => {
      await expect(execute('bash', 'cat', [])).rejects.toMatchObject({ code: 'engine-error' });
    });
  });
}
