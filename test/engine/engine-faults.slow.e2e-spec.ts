import { getEventListeners } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Api, type JobBody, type ProblemBody } from '../support/api';
import { startEngine } from '../support/gateway';
import { findLeftovers, createMarker } from '../support/leftovers';
import { findProcesses } from '../support/processes';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

const close: (() => Promise<void>)[] = [];

async function startApi(overrides: Record<string, string> = {}): Promise<Api> {
  const engine = await startEngine(overrides);
  close.push(engine.close);
  return new Api(engine.url);
}

let count = 0;
const execute = <T = JobBody>(api: Api, language: string, code: string, options: object = {}) =>
  api.post<T>('/execute', { job_id: `job-${(count += 1).toString()}`, language, code, ...options });

afterAll(async () => {
  for (const each of close) await each();
});

const ENGINE_ERROR = { status: 502, body: { code: 'engine-error' } };

describe('An engine', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi({ ENGINE_MEMORY_MB: '128', ENGINE_OUTPUT_MAX_BYTES: '1024' });
  }, 60_000);

  it('enforces the limits of a request', async () => {
    const hungry = 'x = b"x" * (60 * 2**20)\nprint("done")';
    expect((await execute(api, 'python', hungry)).body).toMatchObject({ verdict: 'OK' });
    const limited = await execute(api, 'python', hungry, { limits: { memory_mb: 32 } });
    expect(limited.body).toMatchObject({ verdict: 'MEMORY_LIMIT', stdout: '' });
    const chatty = 'print("x" * 500)';
    expect((await execute(api, 'python', chatty)).body).toMatchObject({ verdict: 'OK' });
    const silenced = await execute(api, 'python', chatty, { limits: { output_bytes: 10 } });
    expect(silenced.body).toMatchObject({ verdict: 'OUTPUT_LIMIT', stdout: 'x'.repeat(10) });
  });

  it.each([
    ['memory_mb', 129],
    ['output_bytes', 1025],
    ['processes', 1_000_000],
    ['disk_mb', 1_000_000],
    ['cpu_ms', 20_001],
    ['open_files', 1025],
    ['file_mb', 65],
  ])('rejects a %s above the engine’s own limit', async (name, value) => {
    const response = await execute<ProblemBody>(api, 'python', '1', { limits: { [name]: value } });
    expect(response).toMatchObject({
      status: 400,
      body: { code: 'validation-failed', errors: [{ field: `limits.${name}` }] },
    });
  });

  it.each([
    [{ cpu_ms: 200 }, 'while True: pass', { verdict: 'TIME_LIMIT' }],
    [
      { file_mb: 1 },
      'import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nopen("f", "wb").write(b"x" * 2**21)',
      {
        verdict: 'SIGNALLED',
        signal: 'SIGXFSZ',
        error_message: 'The program wrote a file larger than its limit of 1 MiB.',
      },
    ],
    [
      { open_files: 16 },
      'try: files = [open("/dev/null") for _ in range(17)]\nexcept OSError as e: print(e.errno)',
      { verdict: 'OK', stdout: '24\n' },
    ],
  ])('enforces %j of a request', async (limits, code, expected) => {
    const { body } = await execute(api, 'python', code, { limits, timeout: 20_000 });
    expect(body).toMatchObject(expected);
  });

  it('returns the status of an execution while it runs', async () => {
    const marker = createMarker();
    const execution = api.post<JobBody>('/execute', {
      job_id: 'watched',
      language: 'bash',
      code: `sleep ${marker}`,
      timeout: 20_000,
    });
    while (findProcesses(marker).length === 0) await api.get('/health');
    expect(await api.get('/status/watched')).toMatchObject({
      status: 200,
      body: { job_id: 'watched', status: 'RUNNING' },
    });
    expect((await api.post('/cancel/watched')).status).toBe(200);
    expect((await execution).body).toMatchObject({ verdict: 'CANCELLED' });
    expect(await api.get('/status/watched')).toMatchObject({ status: 404, body: { code: 'job-not-found' } });
  });
});

it('An execution leaves no abort listener behind', async () => {
  const engine = await WarmEngine.start();
  const listen = jest.spyOn(AbortSignal.prototype, 'addEventListener');
  try {
    expect(await engine.run('bash', 'echo done')).toMatchObject({ verdict: 'OK' });
    const signals = listen.mock.contexts as AbortSignal[];
    expect(signals).not.toEqual([]);
    expect(signals.flatMap((signal) => getEventListeners(signal, 'abort'))).toEqual([]);
  } finally {
    listen.mockRestore();
    await engine.close();
  }
}, 60_000);

it('A compilation that reaches its time limit is a COMPILE_ERROR with that reason', async () => {
  const api = await startApi({ ENGINE_COMPILE_TIMEOUT: '50' });
  expect((await execute(api, 'typescript', 'console.log(1)')).body).toMatchObject({
    verdict: 'COMPILE_ERROR',
    error_message: 'The compiler reached its time limit.',
  });
}, 60_000);

it('An engine keeps working when its working directory is emptied', async () => {
  const workDir = createTemporaryDirectory();
  const api = await startApi({ ENGINE_WORK_DIR: workDir, ENGINE_COMPILE_TIMEOUT: '40000' });
  for (const name of readdirSync(workDir)) rmSync(join(workDir, name), { recursive: true, force: true });
  expect((await execute(api, 'bash', 'echo done')).body).toMatchObject({ verdict: 'OK', stdout: 'done\n' });
  const typescript = await execute(api, 'typescript', 'console.log("done")', { timeout: 10_000 });
  expect(typescript.body).toMatchObject({ verdict: 'OK', stdout: 'done\n' });
  expect(existsSync(join(workDir, 'toolchains'))).toBe(true);
}, 60_000);

/** A search path like that of a machine without bubblewrap. */
function pathWithoutBubblewrap(): string {
  const directory = createTemporaryDirectory();
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  chmodSync(directory, 0o755);
  for (const name of ['perl', 'bash']) symlinkSync(join('/usr/bin', name), join(bin, name));
  return bin;
}

it.each(['auto', 'rusage'])(
  'Without isolation, a program that kills its supervisor is killed as well (accounting: %s)',
  async (accounting) => {
    const api = await startApi({
      ENVIRONMENT: 'development',
      ENGINE_PATH: pathWithoutBubblewrap(),
      ENGINE_ACCOUNTING: accounting,
    });
    const marker = createMarker();
    const escape = `setsid sleep ${marker} & sleep 0.1; kill -9 $PPID; sleep ${marker}`;
    expect(await execute(api, 'bash', escape)).toMatchObject(ENGINE_ERROR);
    expect(findLeftovers(marker)).toEqual([]);
    // A program that removes the mark from its environment can only be killed through its cgroup.
    if (accounting === 'rusage') return;
    const hidden = `env -i setsid sleep ${marker} & sleep 0.1; kill -9 $PPID; sleep 1`;
    const { body } = await api.get<{ accounting: string }>('/health');
    if (body.accounting === 'rusage' && process.env['CI'] === undefined) {
      console.warn('Not tested: this machine does not allow to create cgroups.');
      return;
    }
    expect(await execute(api, 'bash', hidden)).toMatchObject(ENGINE_ERROR);
    expect(findLeftovers(marker)).toEqual([]);
  },
  60_000,
);
