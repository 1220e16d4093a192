import { NOTHING_RAN, type OutputChunk } from '../engine-contract/report';
import { Batch } from './batch';
import type { RunReport } from './run-report';
import { EngineBusyError } from './pool/engine-busy.error';
import { type Release, Slots } from './pool/slots';
import type { ReadyProgram } from './ready-program';
import type { ExecuteOptions } from './runner';
import { EngineError } from './sandbox/engine.error';

const OK: RunReport = {
  ...NOTHING_RAN,
  verdict: 'OK',
  exitCode: 0,
  compile: null,
  compileCached: false,
  sandbox: 'cold',
  errorMessage: null,
};
/** Short enough for a test to wait for. */
const RETRY_AFTER_S = 0.01;

type Run = (input: string, calls: ExecuteOptions) => Promise<RunReport>;
type Acquire = (signal: AbortSignal) => Promise<Release | undefined>;

const createInputs = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => index.toString());
const tick = (): Promise<void> => new Promise(setImmediate);
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

describe('Batch', () => {
  const chunks: OutputChunk[] = [];
  const release = jest.fn();
  beforeEach(() => {
    chunks.length = 0;
    release.mockReset();
  });

  function newBatch(inputs: readonly string[], run: Run, acquire: Acquire, countMax = 2): Batch {
    const compilation = { compile: null, compileCached: false };
    const program: ReadyProgram = { compilation, run, release: () => undefined };
    const slots = { first: { release, queuedMs: 7 }, countMax, acquire };
    return new Batch(program, inputs, slots, (chunk) => chunks.push(chunk));
  }
  const start = (batch: Batch, signal = new AbortController().signal) => batch.run(signal);

  it('never holds or waits for more slots than allowed, and releases each after its run', async () => {
    let [held, heldMost, waiting, most] = [1, 0, 0, 0];
    release.mockImplementation(() => (held -= 1));
    const acquire = async (): Promise<Release> => {
      waiting += 1;
      most = Math.max(most, held + waiting);
      await tick();
      waiting -= 1;
      held += 1;
      return () => (held -= 1);
    };
    const run = async (): Promise<RunReport> => {
      heldMost = Math.max(heldMost, held);
      await tick();
      return OK;
    };
    await start(newBatch(createInputs(20), run, acquire, 3));
    expect([most, heldMost, held]).toEqual([3, 3, 0]);
  });

  it('lets other clients use its slot between its runs', async () => {
    const slots = new Slots(1, 1);
    const { signal } = new AbortController();
    const order: string[] = [];
    const first = await slots.acquire('batch', signal);
    release.mockImplementation(() => first?.());
    const run = async (input: string): Promise<RunReport> => {
      order.push(input);
      await tick();
      return OK;
    };
    const other = slots.acquire('other', signal).then((releaseOther) => {
      order.push('other');
      releaseOther?.();
    });
    await start(newBatch(['a', 'b', 'c'], run, (waiting) => slots.acquire('batch', waiting), 1));
    await other;
    expect(order).toEqual(['a', 'other', 'b', 'c']);
    expect(slots.free).toBe(1);
  });

  it('reports how long each input has waited for its slot', async () => {
    const acquire = async (): Promise<Release> => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return () => undefined;
    };
    const results = await start(newBatch(['a', 'b'], () => tick().then(() => OK), acquire, 1));
    expect(results[0]?.queuedMs).toBe(7);
    expect(results[1]?.queuedMs).toBeGreaterThanOrEqual(29);
  });

  it('retries after the stated time until it gets a slot', async () => {
    let requests = 0;
    const acquire = (): Promise<Release> =>
      (requests += 1) < 4
        ? Promise.reject(new EngineBusyError(RETRY_AFTER_S))
        : Promise.resolve(() => undefined);
    const results = await start(newBatch(['a', 'b'], () => Promise.resolve(OK), acquire, 1));
    expect(results.map(({ verdict }) => verdict)).toEqual(['OK', 'OK']);
    expect(requests).toBe(4);
  });

  it('stops waiting for a retry once no input is left', async () => {
    const acquire = (): Promise<Release> => Promise.reject(new EngineBusyError(3600));
    // The retry would be in an hour. The other slot runs all inputs.
    let acquired = 0;
    const once = (): Promise<Release> => ((acquired += 1) === 1 ? acquire() : Promise.resolve(release));
    const results = await start(newBatch(createInputs(4), () => tick().then(() => OK), once));
    expect(results.map(({ verdict }) => verdict)).toEqual(['OK', 'OK', 'OK', 'OK']);
  });

  it('ends at once when it is cancelled while it waits for a retry', async () => {
    const cancel = new AbortController();
    const acquire = (): Promise<Release> => Promise.reject(new EngineBusyError(3600));
    const execution = start(
      newBatch(['a', 'b', 'c'], () => Promise.resolve(OK), acquire),
      cancel.signal,
    );
    await tick();
    cancel.abort();
    expect((await execution).map(({ verdict }) => verdict)).toEqual(['OK', 'CANCELLED', 'CANCELLED']);
  });

  it('stops the other runs when one fails, and rejects after they have ended', async () => {
    let hasOtherEnded = false;
    const started: string[] = [];
    const run = async (input: string, { signal }: ExecuteOptions): Promise<RunReport> => {
      started.push(input);
      if (input === '1') throw new EngineError('broken');
      await untilAborted(signal);
      await tick();
      hasOtherEnded = true;
      return { ...OK, verdict: 'CANCELLED' };
    };
    const execution = start(newBatch(createInputs(4), run, () => Promise.resolve(release)));
    await expect(execution).rejects.toThrow('broken');
    expect([hasOtherEnded, started]).toEqual([true, ['0', '1']]);
    expect(release).toHaveBeenCalledTimes(2);
  });

  it('rejects and releases its slots when acquiring one fails for another reason', async () => {
    const execution = start(
      newBatch(
        ['a', 'b'],
        (_, { signal }) => untilAborted(signal).then(() => OK),
        () => Promise.reject(new EngineError('no slots')),
      ),
    );
    await expect(execution).rejects.toThrow('no slots');
    expect(release).toHaveBeenCalledTimes(1);
  });

  it('runs nothing if the signal has already aborted', async () => {
    const run = jest.fn(() => Promise.resolve(OK));
    const results = await start(
      newBatch(['a', 'b'], run, () => Promise.resolve(release)),
      AbortSignal.abort(),
    );
    expect(results).toMatchObject([
      { verdict: 'CANCELLED', queuedMs: 7, sandbox: null },
      { verdict: 'CANCELLED', queuedMs: 0, sandbox: null },
    ]);
    expect(run).not.toHaveBeenCalled();
  });

  it('numbers the chunks of all inputs together, in the order of their arrival', async () => {
    const run = async (input: string, { onOutput }: ExecuteOptions): Promise<RunReport> => {
      for (const seq of [0, 1]) {
        onOutput({ seq, tMs: 1, stream: 'stdout', data: input });
        await tick();
      }
      return OK;
    };
    await start(newBatch(['a', 'b', 'c'], run, () => Promise.resolve(release)));
    expect(chunks.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { input, data } of chunks) expect(data).toBe(['a', 'b', 'c'][input ?? -1]);
    expect(chunks.map(({ data }) => data).join('')).not.toBe('aabbcc');
  });

  it('does not make Node warn about a listener leak, however many slots it has', async () => {
    const warned: unknown[] = [];
    const run = async (_input: string, { signal }: ExecuteOptions): Promise<RunReport> => {
      signal.addEventListener('abort', () => undefined);
      await tick();
      warned.push(hasWarned(signal));
      return OK;
    };
    await start(newBatch(createInputs(50), run, () => Promise.resolve(release), 50));
    expect(warned).toEqual(Array.from({ length: 50 }, () => false));
  });
});

/** Jest's `process` does not receive the warning itself. */
function hasWarned(signal: AbortSignal): unknown {
  const flag = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'events.maxEventTargetListenersWarned',
  );
  return flag && (signal as unknown as Readonly<Record<symbol, unknown>>)[flag];
}
