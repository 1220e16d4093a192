import { EngineError } from './engine.error';
import { LimitMonitor } from './limit-monitor';
import { IDLE_GROUP, LIMITS } from './sandbox.fixture';

describe('LimitMonitor', () => {
  const stop = jest.fn();
  beforeEach(() => {
    jest.useFakeTimers();
    stop.mockClear();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('stops a sandbox that does not start in time, and fails', async () => {
    const monitor = new LimitMonitor(IDLE_GROUP, LIMITS, stop, new AbortController().signal);
    monitor.startSetup();
    jest.advanceTimersByTime(9999);
    expect(stop).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(stop).toHaveBeenCalledTimes(1);
    await expect(monitor.finish()).rejects.toThrow(new EngineError('The sandbox did not start in time'));
  });

  it('stops a sandbox whose run is aborted before it starts', async () => {
    const cancel = new AbortController();
    const monitor = new LimitMonitor(IDLE_GROUP, LIMITS, stop, cancel.signal);
    monitor.startSetup();
    cancel.abort();
    expect(stop).toHaveBeenCalledTimes(1);
    expect(await monitor.finish()).toMatchObject({ reason: 'abort' });
  });

  it('counts the wall time from the start of the program', async () => {
    const monitor = new LimitMonitor(IDLE_GROUP, LIMITS, stop, new AbortController().signal);
    monitor.startSetup();
    jest.advanceTimersByTime(5000);
    monitor.startProgram(0);
    jest.advanceTimersByTime(LIMITS.wallMs - 1);
    expect(stop).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(await monitor.finish()).toMatchObject({ reason: 'wall' });
  });

  it('does not count CPU time that was used before the program started', async () => {
    let cpuMs = 5000;
    const group = { ...IDLE_GROUP, readUsage: () => ({ cpuMs, memoryBytes: 0, outOfMemory: false }) };
    const monitor = new LimitMonitor(group, LIMITS, stop, new AbortController().signal);
    monitor.startSetup();
    monitor.startProgram(5000);
    cpuMs += LIMITS.cpuMs;
    await jest.advanceTimersByTimeAsync(1000);
    expect(stop).not.toHaveBeenCalled();
    cpuMs += 1;
    await jest.advanceTimersByTimeAsync(1000);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(await monitor.finish()).toMatchObject({ reason: 'cpu' });
  });
});
