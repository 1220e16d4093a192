import { DecayingCounter } from './decaying-counter';

const MINUTE_MS = 60_000;

describe('DecayingCounter', () => {
  let nowMs: number;
  let counter: DecayingCounter;
  beforeEach(() => {
    nowMs = 123_456;
    counter = new DecayingCounter(() => nowMs);
  });

  it('is 0 for a key that was never incremented', () => {
    counter.increment('another');
    expect(counter.value('python')).toBe(0);
  });

  it('counts each key separately', () => {
    for (const key of ['python', 'java', 'python']) counter.increment(key);
    expect([counter.value('python'), counter.value('java')]).toEqual([2, 1]);
  });

  it('halves every minute', () => {
    for (let count = 0; count < 8; count += 1) counter.increment('python');
    nowMs += MINUTE_MS;
    expect(counter.value('python')).toBeCloseTo(4, 9);
    nowMs += MINUTE_MS;
    expect(counter.value('python')).toBeCloseTo(2, 9);
  });

  it('adds to what is left of earlier increments', () => {
    counter.increment('python');
    nowMs += MINUTE_MS;
    counter.increment('python');
    expect(counter.value('python')).toBeCloseTo(1.5, 9);
    nowMs += MINUTE_MS;
    expect(counter.value('python')).toBeCloseTo(0.75, 9);
  });

  it('does not change by being read', () => {
    counter.increment('python');
    for (let second = 0; second < 60; second += 1) {
      nowMs += 1000;
      counter.value('python');
    }
    expect(counter.value('python')).toBeCloseTo(0.5, 9);
  });

  it('is 0 after a very long time', () => {
    counter.increment('python');
    nowMs += 1e12;
    expect(counter.value('python')).toBe(0);
  });

  it('uses a monotonic clock by default', () => {
    const real = new DecayingCounter();
    real.increment('python');
    expect(real.value('python')).toBeCloseTo(1, 2);
  });
});
