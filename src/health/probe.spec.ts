import { probe } from './probe';

describe('probe', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const after = async <T>(ms: number, settle: () => T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return settle();
  };

  it('returns the value and the latency', async () => {
    const result = probe(() => after(120, () => 'fine'));
    await jest.advanceTimersByTimeAsync(120);
    expect(await result).toEqual({ failed: false, value: 'fine', latencyMs: 120 });
  });

  it('returns an error and its latency', async () => {
    const result = probe(() =>
      after(80, () => {
        throw new Error('down');
      }),
    );
    await jest.advanceTimersByTimeAsync(80);
    expect(await result).toMatchObject({ failed: true, error: new Error('down'), latencyMs: 80 });
  });

  it('returns an error that is thrown synchronously', async () => {
    const result = await probe(() => {
      throw new Error('down');
    });
    expect(result).toMatchObject({ failed: true });
  });

  it('fails a call that takes longer than 3 s', async () => {
    const settled = jest.fn();
    const result = probe(() => new Promise<never>(() => undefined)).then((value) => {
      settled();
      return value;
    });
    await jest.advanceTimersByTimeAsync(2999);
    expect(settled).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(await result).toMatchObject({ failed: true, latencyMs: 3000 });
  });

  it('leaves no timer running', async () => {
    await probe(() => Promise.resolve('fine'));
    expect(jest.getTimerCount()).toBe(0);
  });
});
