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
    demand.note('another');
    expect(demand.of('python')).toBe(0);
  });

  it('counts each kind by itself', () => {
    for (const kind of ['python', 'java', 'python']) demand.note(kind);
    expect([demand.of('python'), demand.of('java')]).toEqual([2, 1]);
  });

  it('halves in a minute, and again in the next', () => {
    for (let count = 0; count < 8; count += 1) demand.note('python');
    nowMs += MINUTE_MS;
    expect(demand.of('python')).toBeCloseTo(4, 9);
    nowMs += MINUTE_MS;
    expect(demand.of('python')).toBeCloseTo(2, 9);
  });

  it('adds to what is left of before', () => {
    demand.note('python');
    nowMs += MINUTE_MS;
    demand.note('python');
    expect(demand.of('python')).toBeCloseTo(1.5, 9);
    nowMs += MINUTE_MS;
    expect(demand.of('python')).toBeCloseTo(0.75, 9);
  });

  it('is the same however often it is asked for', () => {
    demand.note('python');
    for (let second = 0; second < 60; second += 1) {
      nowMs += 1000;
      demand.of('python');
    }
    expect(demand.of('python')).toBeCloseTo(0.5, 9);
  });

  it('is a number also after a very long time', () => {
    demand.note('python');
    nowMs += 1e12;
    expect(demand.of('python')).toBe(0);
  });

  it('has a clock of its own', () => {
    const real = new DecayingCounter();
    real.note('python');
    expect(real.of('python')).toBeCloseTo(1, 2);
  });
});
