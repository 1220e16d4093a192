/** What is wanted of late. */
import { DecayingCounter } from './decaying-counter';

const MINUTE_MS = 60_000;

describe('Demand', () => {
  let nowMs: number;
  let demand: DecayingCounter;
  beforeEach(() => {
    nowMs = 123_456;
    demand = new DecayingCounter(() => nowMs);
  });

  it('is nothing for what nobody has asked for', () => {
    demand.increment('another');
    expect(demand.value('python')).toBe(0);
  });

  it('counts each kind by itself', () => {
    for (const kind of ['python', 'java', 'python']) demand.increment(kind);
    expect([demand.value('python'), demand.value('java')]).toEqual([2, 1]);
  });

  it('halves in a minute, and again in the next', () => {
    for (let count = 0; count < 8; count += 1) demand.increment('python');
    nowMs += MINUTE_MS;
    expect(demand.value('python')).toBeCloseTo(4, 9);
    nowMs += MINUTE_MS;
    expect(demand.value('python')).toBeCloseTo(2, 9);
  });

  it('adds to what is left of before', () => {
    demand.increment('python');
    nowMs += MINUTE_MS;
    demand.increment('python');
    expect(demand.value('python')).toBeCloseTo(1.5, 9);
    nowMs += MINUTE_MS;
    expect(demand.value('python')).toBeCloseTo(0.75, 9);
  });

  it('is the same however often it is asked for', () => {
    demand.increment('python');
    for (let second = 0; second < 60; second += 1) {
      nowMs += 1000;
      demand.value('python');
    }
    expect(demand.value('python')).toBeCloseTo(0.5, 9);
  });

  it('is a number also after a very long time', () => {
    demand.increment('python');
    nowMs += 1e12;
    expect(demand.value('python')).toBe(0);
  });

  it('has a clock of its own', () => {
    const real = new DecayingCounter();
    real.increment('python');
    expect(real.value('python')).toBeCloseTo(1, 2);
  });
});
