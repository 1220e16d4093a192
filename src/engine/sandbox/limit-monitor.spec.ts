/** The watch over a sandbox that is being made. */
import { EngineError } from './engine.error';
import { ACCOUNT, LIMITS } from './sandbox.fixture';
import { LimitMonitor } from './limit-monitor';

describe('Watch', () => {
  const stop = jest.fn();
  beforeEach(() => {
    jest.useFakeTimers();
    stop.mockClear();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ends a sandbox that does not start, and that is a fault', async () => {
    const watch = new LimitMonitor(ACCOUNT, LIMITS, stop, new AbortController().signal);
    watch.attend();
    jest.advanceTimersByTime(9999);
    expect(stop).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(stop).toHaveBeenCalledTimes(1);
    await expect(watch.finish()).rejects.toThrow(new EngineError('The sandbox did not start in time'));
  });

  it('ends it when it is cancelled before it starts', async () => {
    const cancel = new AbortController();
    const watch = new LimitMonitor(ACCOUNT, LIMITS, stop, cancel.signal);
    watch.attend();
    cancel.abort();
    expect(stop).toHaveBeenCalledTimes(1);
    expect(await watch.finish()).toMatchObject({ reason: 'abort' });
  });

  it('counts the time of the program from its start', async () => {
    const watch = new LimitMonitor(ACCOUNT, LIMITS, stop, new AbortController().signal);
    watch.attend();
    jest.advanceTimersByTime(5000);
    watch.start(0);
    jest.advanceTimersByTime(LIMITS.wallMs - 1);
    expect(stop).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(await watch.finish()).toMatchObject({ reason: 'wall' });
  });

  it('counts the CPU time of the program from what its account showed before', async () => {
    let cpuMs = 5000;
    const account = { ...ACCOUNT, read: () => ({ cpuMs, memoryBytes: 0, outOfMemory: false }) };
    const watch = new LimitMonitor(account, LIMITS, stop, new AbortController().signal);
    watch.attend();
    watch.start(5000);
    cpuMs += LIMITS.cpuMs;
    await jest.advanceTimersByTimeAsync(1000);
    expect(stop).not.toHaveBeenCalled();
    cpuMs += 1;
    await jest.advanceTimersByTimeAsync(1000);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(await watch.finish()).toMatchObject({ reason: 'cpu' });
  });
});
