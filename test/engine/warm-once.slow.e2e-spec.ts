import { findLeftovers, createMarker } from '../support/leftovers';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { WarmEngine } from '../support/warm-engine';

let engine: WarmEngine;
beforeAll(async () => {
  engine = await WarmEngine.start();
});
afterAll(() => engine.close());

describe('A run in a prepared sandbox', () => {
  it('leaves nothing for the next run', async () => {
    const marker = createMarker();
    const leaveTraces = `
import os, subprocess, sys, json
json.dumps = None
for d in ".", "/tmp", "/dev/shm", os.path.expanduser("~"): open(d + "/left", "w").write("x")
subprocess.Popen(["sleep", "${marker}"], start_new_session=True)
print("left")`;
    expect(await engine.runWarm('python', leaveTraces)).toMatchObject({ verdict: 'OK', stdout: 'left\n' });
    expect(findLeftovers(marker)).toEqual([]);
    const findTraces = `
import os, json
print([d for d in (".", "/tmp", "/dev/shm", os.path.expanduser("~")) if os.path.exists(d + "/left")])
print(json.dumps(1), len([p for p in os.listdir("/proc") if p.isdigit()]))`;
    expect(await engine.runWarm('python', findTraces)).toMatchObject({ verdict: 'OK', stdout: '[]\n1 2\n' });
  });

  it.each(['auto', 'rusage'])(
    'does not include the CPU time of preloading (accounting: %s)',
    async (accounting) => {
      // Engines of one process would share the directory of their runs.
      const start = (overrides: Record<string, string>): Promise<WarmEngine> =>
        WarmEngine.start({
          ENGINE_WORK_DIR: createTemporaryDirectory(),
          ENGINE_ACCOUNTING: accounting,
          ...overrides,
        });
      const engines = [await start({}), await start({ ENGINE_WARM_MEMORY_MB: '0' })] as const;
      try {
        const code = 'public class Main { public static void main(String[] a) { System.out.println(1); } }';
        const [warm, cold] = [await engines[0].runWarm('java', code), await engines[1].run('java', code)];
        expect(warm.resource?.cpuTimeMs).toBeLessThan(cold.resource?.cpuTimeMs ?? 0);
      } finally {
        for (const each of engines) await each.close();
      }
    },
  );

  it.each([
    ['its wall time', 'import time; time.sleep(9)', { timeoutMs: 200 }, { verdict: 'TIME_LIMIT' }],
    ['its CPU time', 'while True: pass', { limits: { cpuMs: 200 } }, { verdict: 'TIME_LIMIT' }],
    [
      'its processes',
      'import os\ntry:\n  for _ in range(9): os.fork() or __import__("time").sleep(9)\nexcept OSError as e: print(e.errno, flush=True); os._exit(0)',
      { limits: { processes: 4 } },
      { verdict: 'OK', stdout: '11\n' },
    ],
    [
      'its open files',
      'try: files = [open("/dev/null") for _ in range(17)]\nexcept OSError as e: print(e.errno)',
      { limits: { openFiles: 16 } },
      { verdict: 'OK', stdout: '24\n' },
    ],
    [
      'its file size',
      'try: open("f", "wb").write(b"x" * 2**21)\nexcept OSError as e: print(e.errno)',
      { limits: { fileMb: 1 } },
      { verdict: 'OK', stdout: '27\n' },
    ],
    [
      'its output',
      'print("x" * 99)',
      { limits: { outputBytes: 10 } },
      { verdict: 'OUTPUT_LIMIT', stdout: 'x'.repeat(10) },
    ],
  ])('is limited to %s', async (_name, code, options, expected) => {
    expect(await engine.runWarm('python', code, options)).toMatchObject(expected);
  });

  it('with a lower memory limit does not use a preloaded interpreter, and the limit holds', async () => {
    await engine.waitForWarm('empty');
    const hungry = 'x = b"x" * (60 * 2**20)\nprint("done")';
    expect(await engine.run('python', hungry, { limits: { memoryMb: 32 } })).toMatchObject({
      sandbox: 'prepared',
      verdict: 'MEMORY_LIMIT',
      stdout: '',
    });
  });

  it('with a smaller disk gets a new sandbox, and the limit holds', async () => {
    const filling = 'try: open("f", "wb").write(b"x" * 2**22)\nexcept OSError as e: print(e.errno)';
    expect(await engine.run('python', filling, { limits: { diskMb: 2, fileMb: 64 } })).toMatchObject({
      sandbox: 'cold',
      verdict: 'OK',
      stdout: '28\n',
    });
  });
});
