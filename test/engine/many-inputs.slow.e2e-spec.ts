import { existsSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledProgramCache } from '../../src/engine/compiled-program-cache';
import { Compiler } from '../../src/engine/compiler';
import { type ApiResponse, Api, type ProblemBody } from '../support/api';
import { startEngine } from '../support/gateway';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

const INPUT_MAX = 1000;
/** Milliseconds between two checks of a directory. */
const RECHECK_MS = 10;
const DOUBLE = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d", 2 * n); }';

interface Body {
  readonly verdict: string;
  readonly status: string;
  readonly results?: readonly Readonly<Record<string, unknown>>[];
}

describe('POST /execute', () => {
  let api: Api;
  let close: () => Promise<void>;
  let count = 0;
  beforeAll(async () => {
    const engine = await startEngine({ INPUT_MAX_BYTES: INPUT_MAX.toString() });
    api = new Api(engine.url);
    close = engine.close;
  }, 60_000);
  afterAll(() => close());

  const requestBody = (more: object): object => ({
    job_id: `inputs-${(count += 1).toString()}`,
    language: 'bash',
    code: 'cat',
    ...more,
  });
  const execute = <T = Body>(more: object): Promise<ApiResponse<T>> =>
    api.post<T>('/execute', requestBody(more));

  it('returns a result for each input, in snake case', async () => {
    const { status, body } = await execute({ code: 'read code; echo $code; exit $code', inputs: ['0', '3'] });
    expect([status, body.verdict, body.status]).toEqual([200, 'NONZERO_EXIT', 'FAILED']);
    const common = {
      signal: null,
      stderr: '',
      stdout_bytes: 2,
      stderr_bytes: 0,
      stdout_truncated: false,
      stderr_truncated: false,
      error_message: null,
      resource: expect.objectContaining({ accounting: expect.any(String) as string }) as object,
      sandbox: expect.any(String) as string,
      queued_ms: expect.any(Number) as number,
    };
    expect(body.results).toEqual([
      { ...common, verdict: 'OK', status: 'SUCCESS', exit_code: 0, stdout: '0\n' },
      { ...common, verdict: 'NONZERO_EXIT', status: 'FAILED', exit_code: 3, stdout: '3\n' },
    ]);
  });

  it('returns no results for a single input', async () => {
    expect((await execute({ code: 'cat', input: 'a' })).body).not.toHaveProperty('results');
  });

  it('states the index of the input in each line of a stream', async () => {
    const { body: text } = await api.request<string>('POST', '/execute', {
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
      body: JSON.stringify(requestBody({ code: 'cat', inputs: ['a', 'b'] })),
    });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(lines.map(({ type }) => type)).toEqual(['output', 'output', 'report']);
    for (const [seq, { input, data, ...line }] of lines.slice(0, 2).entries()) {
      expect(data).toBe(['a', 'b'][Number(input)]);
      expect(line).toMatchObject({ seq, stream: 'stdout' });
    }
    expect(lines[2]?.['results']).toHaveLength(2);
  });

  it.each<[string, object, readonly string[]]>([
    ['`input` together with `inputs`', { input: '', inputs: ['a'] }, ['input', 'inputs']],
    ['an empty list', { inputs: [] }, ['inputs']],
    ['101 inputs', { inputs: Array.from({ length: 101 }, () => '') }, ['inputs']],
    ['a thousand inputs', { inputs: Array.from({ length: 1000 }, () => '') }, ['inputs']],
    ['an input that is not a string', { inputs: ['a', 5] }, ['inputs']],
    ['a value that is not a list', { inputs: 'a' }, ['inputs']],
    ['null', { inputs: null }, ['inputs']],
    ['a lone surrogate', { inputs: ['\ud83d'] }, ['inputs']],
  ])('rejects %s', async (_what, more, fields) => {
    const { status, body } = await execute<ProblemBody>(more);
    expect([status, body.code]).toEqual([400, 'validation-failed']);
    expect(body.errors?.map(({ field }) => field).sort()).toEqual(fields);
  });

  it('accepts a hundred inputs whose total size is the maximum, and rejects larger ones', async () => {
    const inputs = ['é'.repeat(INPUT_MAX / 2 - 49) + '\0', ...Array.from({ length: 97 }, () => 'a'), '', ''];
    expect(inputs).toHaveLength(100);
    const accepted = await execute({ code: 'exit 0', inputs });
    expect(accepted).toMatchObject({ status: 200, body: { verdict: 'OK' } });
    expect(accepted.body.results).toHaveLength(100);
    const rejected = await execute<ProblemBody>({ inputs: [...inputs.slice(1), `${inputs[0] ?? ''}b`] });
    expect(rejected).toMatchObject({ status: 413, body: { code: 'payload-too-large' } });
    expect(rejected.body.detail).toContain(`inputs together are larger than ${INPUT_MAX.toString()} bytes`);
  }, 60_000);
});

describe('A compiled program with many inputs', () => {
  const inputs = ['1', '2', '3', '4'];
  const outputs = { verdict: 'OK', results: ['2', '4', '6', '8'].map((stdout) => ({ stdout })) };
  let engine: WarmEngine;
  afterEach(async () => {
    jest.restoreAllMocks();
    await engine.close();
  });

  it('is compiled once without a cache, and removed when all inputs have run', async () => {
    engine = await WarmEngine.start({ ENGINE_COMPILE_CACHE_MB: '0' });
    const compile = jest.spyOn(Compiler.prototype, 'compileUncached');
    const report = await engine.run('c', DOUBLE, { inputs });
    expect(report).toMatchObject({ ...outputs, compileCached: false, compile: { exitCode: 0 } });
    // Compilations that fill toolchain caches in the background do not count.
    const programCompilations = compile.mock.calls.flatMap(([source], index) =>
      source.code === DOUBLE ? [compile.mock.results[index]] : [],
    );
    expect(programCompilations).toHaveLength(1);
    const result = await (programCompilations[0]?.value as ReturnType<Compiler['compileUncached']>);
    if (result.kind !== 'success') throw new Error('The compilation failed');
    // Ends at the latest at the time limit of the test.
    while (existsSync(result.files.directory)) await delay(RECHECK_MS);
  });

  it('is compiled again if it is evicted from the cache before the first run', async () => {
    engine = await WarmEngine.start({ ENGINE_WORK_DIR: createTemporaryDirectory(), ENGINE_SLOTS: '2' });
    await engine.run('c', DOUBLE);
    const compile = jest.spyOn(Compiler.prototype, 'compileUncached');
    const find = jest.spyOn(CompiledProgramCache.prototype, 'find');
    find.mockImplementationOnce(function (this: CompiledProgramCache, key) {
      find.mockRestore();
      const files = this.find(key);
      if (!files) throw new Error('The program was not cached');
      rmSync(files.directory, { recursive: true });
      return files;
    });
    expect(await engine.run('c', DOUBLE, { inputs })).toMatchObject({ ...outputs, compileCached: false });
    expect(compile.mock.calls.filter(([source]) => source.code === DOUBLE)).toHaveLength(1);
  });
});

it('returns MEMORY_LIMIT for a run of many that exhausts its memory, even if its preview does not include the error', async () => {
  const engine = await WarmEngine.start();
  try {
    const code =
      'import sys\nif input() == "all":\n  sys.stderr.write("x" * 2000 + "\\n")\n  sys.stderr.write("MemoryError\\n")\n  sys.exit(1)';
    const inputs = Array.from({ length: 50 }, (_, index) => (index === 1 ? 'all' : 'none'));
    const { results } = await engine.run('python', code, { inputs });
    expect(results?.[1]).toMatchObject({ verdict: 'MEMORY_LIMIT', stderr: 'x'.repeat(1310) });
    expect(results?.[2]?.verdict).toBe('OK');
  } finally {
    await engine.close();
  }
}, 60_000);
