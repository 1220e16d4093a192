/** Which sandboxes are made beforehand, how many, and what becomes of them. */
import { deferred } from '../../common/async/deferred';
import type { PreparedRun } from './run-factory';
import { type SandboxKind, WarmPool } from './warm-pool';

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** What a pool needs of a run, and what a test does to it. */
class FakeRun {
  readonly workspace = { isIntact: true };
  readonly ending = deferred();
  readonly discard = jest.fn(() => {
    this.ending.resolve();
    return this.ending.promise;
  });
  readonly sandbox: { memoryBytes: number; closed: Promise<void>; discard: () => Promise<void> };

  constructor(memoryBytes: number) {
    this.sandbox = { memoryBytes, closed: this.ending.promise, discard: this.discard };
  }
}

describe('WarmPool', () => {
  const made: { key: string; run: FakeRun }[] = [];
  const onCreateError = jest.fn();
  let mayFill: boolean;
  let nowMs: number;
  let pool: WarmPool;

  const open = (countMax: number, memoryMb: number): void => {
    const memoryBytesMax = memoryMb * MIB;
    pool = new WarmPool({ memoryBytesMax, countMax, canFill: () => mayFill, onCreateError });
  };
  beforeEach(() => {
    made.length = 0;
    onCreateError.mockClear();
    mayFill = true;
    nowMs = 0;
    // Goes on with each look, as clocks do.
    jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.001));
    open(3, 1024);
  });
  afterEach(async () => {
    await pool.close();
    jest.restoreAllMocks();
  });

  const make = (key: string, memoryMb: number): PreparedRun => {
    const run = new FakeRun(memoryMb * MIB);
    made.push({ key, run });
    return run as unknown as PreparedRun;
  };
  const kind = (key: string, memoryMb = 10, name = key): SandboxKind => ({
    key,
    name,
    create: () => Promise.resolve(make(key, memoryMb)),
  });
  const offer = (...keys: string[]): void => {
    for (const key of keys) pool.register(kind(key));
  };
  /** A fill begins in the next turn, and goes on until the places that it makes keep it waiting. */
  const fill = async (): Promise<void> => {
    pool.fill();
    await new Promise(setImmediate);
  };
  const want = (key: string, times: number): void => {
    for (let time = 0; time < times; time += 1) pool.acquire([key]);
  };
  const keysMade = (): string[] => made.map(({ key }) => key);
  const runOf = (key: string): FakeRun => {
    const found = made.find((one) => one.key === key);
    if (!found) throw new Error(`There is no ${key}`);
    return found.run;
  };

  describe('makes', () => {
    it('one of each kind for an engine at rest, whatever it is asked again', async () => {
      offer('python', 'java', 'node');
      await fill();
      await fill();
      expect(keysMade().sort()).toEqual(['java', 'node', 'python']);
    });

    it('nothing in the turn of whoever asks', () => {
      offer('python');
      pool.fill();
      expect(made).toEqual([]);
    });

    it('one kind that is offered twice as one', async () => {
      offer('python', 'python');
      await fill();
      expect(keysMade()).toEqual(['python']);
    });

    it('one for each that was handed out, if it is wanted', async () => {
      offer('python');
      await fill();
      expect(pool.acquire(['python'])).toBeDefined();
      await fill();
      expect(pool.counts()).toEqual({ python: 1 });
    });

    it.each([
      [1, 1],
      [2, 2],
      [3, 3],
      [20, 3],
    ])('for %d that were wanted of late %d, up to its most', async (wanted, count) => {
      offer('python');
      want('python', wanted);
      await fill();
      expect(pool.counts()).toEqual({ python: count });
    });

    it('what was wanted long ago no more than once', async () => {
      offer('python');
      want('python', 3);
      nowMs += 10 * MINUTE_MS;
      await fill();
      expect(pool.counts()).toEqual({ python: 1 });
    });

    it('what is wanted most first', async () => {
      offer('java', 'python');
      want('python', 1);
      await fill();
      expect(keysMade()[0]).toBe('python');
    });

    it('one of each kind also when only one of them is wanted', async () => {
      offer('java', 'python');
      want('python', 1);
      await fill();
      expect(pool.counts()).toEqual({ java: 1, python: 1 });
    });

    it('nothing while it may not', async () => {
      offer('python');
      mayFill = false;
      await fill();
      expect(made).toEqual([]);
      mayFill = true;
      await fill();
      expect(keysMade()).toEqual(['python']);
    });

    it('one at a time, and no further one when it may not any more', async () => {
      const first = deferred<PreparedRun>();
      pool.register({ ...kind('java'), create: () => first.promise });
      offer('python', 'node');
      await fill();
      await fill();
      expect(made).toEqual([]);
      mayFill = false;
      first.resolve(make('java', 10));
      await fill();
      expect(pool.counts()).toEqual({ java: 1, python: 0, node: 0 });
    });
  });

  describe('hands out', () => {
    it('each once', async () => {
      offer('python');
      want('python', 3);
      await fill();
      const taken = [1, 2, 3].map(() => pool.acquire(['python'])?.preparedRun);
      expect(new Set(taken)).toEqual(new Set(made.map(({ run }) => run)));
      expect(pool.acquire(['python'])).toBeUndefined();
    });

    it('of the first kind that waits, and says which', async () => {
      offer('empty', 'python', 'java');
      await fill();
      const keys = [1, 2, 3].map(() => pool.acquire(['python', 'empty'])?.key);
      expect(keys).toEqual(['python', 'empty', undefined]);
      expect(pool.acquire([])).toBeUndefined();
    });

    it('what takes the run of another as wanted of that other', async () => {
      offer('empty');
      pool.register(kind('python'));
      await fill();
      for (let time = 0; time < 3; time += 1) pool.acquire(['python', 'empty']);
      await fill();
      expect(pool.counts()).toMatchObject({ python: 3 });
    });

    it.each(['by itself', 'with a fault'])('none that ended %s while it waited', async (how) => {
      offer('python');
      await fill();
      if (how === 'by itself') runOf('python').ending.resolve();
      else runOf('python').ending.reject(new Error('The account could not be closed'));
      await new Promise(setImmediate);
      expect(pool.counts()).toEqual({ python: 0 });
      expect(pool.acquire(['python'])).toBeUndefined();
      await fill();
      expect(pool.counts()).toEqual({ python: 1 });
    });

    it('none whose workspace was cleaned away, which goes, but the next', async () => {
      offer('python', 'empty');
      await fill();
      runOf('python').workspace.isIntact = false;
      expect(pool.acquire(['python', 'empty'])?.key).toBe('empty');
      expect(runOf('python').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ python: 0, empty: 0 });
    });
  });

  describe('within its memory', () => {
    it('makes only what fits by what others of its kind hold', async () => {
      open(10, 100);
      pool.register(kind('java', 40));
      want('java', 10);
      await fill();
      expect(pool.counts()).toEqual({ java: 2 });
      expect(pool.memoryBytes).toBe(80 * MIB);
    });

    it('makes nothing of which it knows nothing where there is little room', async () => {
      open(3, 1);
      offer('python');
      await fill();
      expect(made).toEqual([]);
    });

    it('gives up what turns out to be larger than all of it', async () => {
      open(3, 64);
      pool.register(kind('java', 80));
      await fill();
      expect(pool.memoryBytes).toBeLessThanOrEqual(64 * MIB);
    });

    it('makes room for what is wanted by what is wanted far less', async () => {
      open(1, 64);
      for (const key of ['java', 'node']) pool.register(kind(key, 30));
      await fill();
      pool.register(kind('python', 30));
      want('python', 1);
      want('node', 1);
      await fill();
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ java: 0, node: 1, python: 1 });
    });

    it('makes none for what is wanted but little more: they would take turns', async () => {
      open(1, 64);
      for (const key of ['java', 'node']) {
        pool.register(kind(key, 30));
        want(key, 1);
      }
      await fill();
      pool.register(kind('python', 30));
      want('python', 2);
      await fill();
      expect(pool.counts()).toEqual({ java: 1, node: 1, python: 0 });
      for (const { run } of made) expect(run.discard).not.toHaveBeenCalled();
    });

    it('takes nothing away for what would not fit even so', async () => {
      open(1, 64);
      pool.register(kind('large', 80));
      offer('python');
      for (const key of ['large', 'python']) want(key, 1);
      await fill();
      want('large', 10);
      await fill();
      expect(runOf('python').discard).not.toHaveBeenCalled();
    });

    it('makes others though what is wanted most does not fit', async () => {
      open(1, 64);
      pool.register(kind('large', 80));
      want('large', 1);
      await fill();
      want('large', 10);
      offer('python');
      await fill();
      expect(pool.counts()).toMatchObject({ python: 1 });
    });
  });

  describe('with a kind that fails', () => {
    const failing = jest.fn(() => Promise.reject<PreparedRun>(new Error('why')));
    beforeEach(() => {
      failing.mockClear();
      pool.register({ key: 'java', name: 'Java', create: failing });
      offer('python');
    });

    it('tries it once, and tells the fault once', async () => {
      await fill();
      want('java', 3);
      await fill();
      await fill();
      expect(failing).toHaveBeenCalledTimes(1);
      expect(onCreateError.mock.calls).toEqual([
        [expect.objectContaining({ key: 'java' }), new Error('why')],
      ]);
    });

    it('still makes the others', async () => {
      want('java', 3);
      await fill();
      expect(pool.counts()).toEqual({ Java: 0, python: 1 });
    });
  });

  it('tells how many wait by their names, which kinds may share', async () => {
    pool.register(kind('["/opt/java"]', 10, 'empty'));
    pool.register(kind('[]', 10, 'empty'));
    offer('python');
    expect(pool.counts()).toEqual({ empty: 0, python: 0 });
    await fill();
    expect(pool.counts()).toEqual({ empty: 2, python: 1 });
  });

  describe('at its end', () => {
    it('takes away all that wait, and hands out and makes nothing any more', async () => {
      offer('python', 'java');
      await fill();
      await pool.close();
      for (const { run } of made) expect(run.discard).toHaveBeenCalledTimes(1);
      await fill();
      expect(made).toHaveLength(2);
      expect(pool.acquire(['python'])).toBeUndefined();
    });

    it('waits for the one that is being made, takes it away too, and makes no other', async () => {
      const first = deferred<PreparedRun>();
      pool.register({ ...kind('java'), create: () => first.promise });
      offer('python');
      await fill();
      const closing = pool.close();
      first.resolve(make('java', 10));
      await closing;
      expect(keysMade()).toEqual(['java']);
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
    });

    it('is over though one could not be taken away', async () => {
      offer('python', 'java');
      await fill();
      runOf('python').discard.mockRejectedValueOnce(new Error('The account could not be closed'));
      await pool.close();
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ java: 0, python: 0 });
    });
  });
});
