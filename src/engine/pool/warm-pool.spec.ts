import { deferred } from '../../common/async/deferred';
import type { PreparedRun } from './run-factory';
import { type SandboxKind, WarmPool } from './warm-pool';

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** The part of a PreparedRun that a pool uses. A test can end it with `closing`. */
class FakeRun {
  readonly workspace = { isIntact: true };
  readonly closing = deferred();
  readonly discard = jest.fn(() => {
    this.closing.resolve();
    return this.closing.promise;
  });
  readonly sandbox: { memoryBytes: number; closed: Promise<void>; discard: () => Promise<void> };

  constructor(memoryBytes: number) {
    this.sandbox = { memoryBytes, closed: this.closing.promise, discard: this.discard };
  }
}

describe('WarmPool', () => {
  const created: { key: string; run: FakeRun }[] = [];
  const onCreateError = jest.fn();
  let canFill: boolean;
  let nowMs: number;
  let pool: WarmPool;

  const open = (countMax: number, memoryMb: number): void => {
    const memoryBytesMax = memoryMb * MIB;
    pool = new WarmPool({ memoryBytesMax, countMax, canFill: () => canFill, onCreateError });
  };
  beforeEach(() => {
    created.length = 0;
    onCreateError.mockClear();
    canFill = true;
    nowMs = 0;
    // Advances with each call, like a real clock.
    jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.001));
    open(3, 1024);
  });
  afterEach(async () => {
    await pool.close();
    jest.restoreAllMocks();
  });

  const createRun = (key: string, memoryMb: number): PreparedRun => {
    const run = new FakeRun(memoryMb * MIB);
    created.push({ key, run });
    return run as unknown as PreparedRun;
  };
  const kind = (key: string, memoryMb = 10, name = key): SandboxKind => ({
    key,
    name,
    create: () => Promise.resolve(createRun(key, memoryMb)),
  });
  const register = (...keys: string[]): void => {
    for (const key of keys) pool.register(kind(key));
  };
  /** Waits for the next turn of the event loop, in which the pool fills until it has to wait for a sandbox. */
  const fill = async (): Promise<void> => {
    pool.fill();
    await new Promise(setImmediate);
  };
  const request = (key: string, times: number): void => {
    for (let time = 0; time < times; time += 1) pool.acquire([key]);
  };
  const createdKeys = (): string[] => created.map(({ key }) => key);
  const runOf = (key: string): FakeRun => {
    const found = created.find((one) => one.key === key);
    if (!found) throw new Error(`There is no ${key}`);
    return found.run;
  };

  describe('creates', () => {
    it('one sandbox of each kind for an idle engine, however often it is filled', async () => {
      register('python', 'java', 'node');
      await fill();
      await fill();
      expect(createdKeys().sort()).toEqual(['java', 'node', 'python']);
    });

    it('nothing in the caller’s turn of the event loop', () => {
      register('python');
      pool.fill();
      expect(created).toEqual([]);
    });

    it('one sandbox for a kind that is registered twice', async () => {
      register('python', 'python');
      await fill();
      expect(createdKeys()).toEqual(['python']);
    });

    it('a replacement for a sandbox that was acquired', async () => {
      register('python');
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
    ])('after %d recent requests %d sandboxes, up to the maximum', async (requests, count) => {
      register('python');
      request('python', requests);
      await fill();
      expect(pool.counts()).toEqual({ python: count });
    });

    it('a single sandbox when all requests were long ago', async () => {
      register('python');
      request('python', 3);
      nowMs += 10 * MINUTE_MS;
      await fill();
      expect(pool.counts()).toEqual({ python: 1 });
    });

    it('the kind with the highest demand first', async () => {
      register('java', 'python');
      request('python', 1);
      await fill();
      expect(createdKeys()[0]).toBe('python');
    });

    it('one sandbox of each kind even when only one kind is requested', async () => {
      register('java', 'python');
      request('python', 1);
      await fill();
      expect(pool.counts()).toEqual({ java: 1, python: 1 });
    });

    it('nothing while canFill is false', async () => {
      register('python');
      canFill = false;
      await fill();
      expect(created).toEqual([]);
      canFill = true;
      await fill();
      expect(createdKeys()).toEqual(['python']);
    });

    it('one sandbox at a time, and no more when canFill becomes false', async () => {
      const first = deferred<PreparedRun>();
      pool.register({ ...kind('java'), create: () => first.promise });
      register('python', 'node');
      await fill();
      await fill();
      expect(created).toEqual([]);
      canFill = false;
      first.resolve(createRun('java', 10));
      await fill();
      expect(pool.counts()).toEqual({ java: 1, python: 0, node: 0 });
    });
  });

  describe('returns', () => {
    it('each sandbox once', async () => {
      register('python');
      request('python', 3);
      await fill();
      const taken = [1, 2, 3].map(() => pool.acquire(['python'])?.preparedRun);
      expect(new Set(taken)).toEqual(new Set(created.map(({ run }) => run)));
      expect(pool.acquire(['python'])).toBeUndefined();
    });

    it('a sandbox of the first available kind, with its key', async () => {
      register('empty', 'python', 'java');
      await fill();
      const keys = [1, 2, 3].map(() => pool.acquire(['python', 'empty'])?.key);
      expect(keys).toEqual(['python', 'empty', undefined]);
      expect(pool.acquire([])).toBeUndefined();
    });

    it('a sandbox of another kind, and counts the request for the preferred kind', async () => {
      register('empty');
      pool.register(kind('python'));
      await fill();
      for (let time = 0; time < 3; time += 1) pool.acquire(['python', 'empty']);
      await fill();
      expect(pool.counts()).toMatchObject({ python: 3 });
    });

    it.each(['without an error', 'with an error'])('no sandbox that closed %s in the pool', async (how) => {
      register('python');
      await fill();
      if (how === 'without an error') runOf('python').closing.resolve();
      else runOf('python').closing.reject(new Error('The resource group could not be closed'));
      await new Promise(setImmediate);
      expect(pool.counts()).toEqual({ python: 0 });
      expect(pool.acquire(['python'])).toBeUndefined();
      await fill();
      expect(pool.counts()).toEqual({ python: 1 });
    });

    it('the next sandbox instead of one whose workspace was deleted, which is discarded', async () => {
      register('python', 'empty');
      await fill();
      runOf('python').workspace.isIntact = false;
      expect(pool.acquire(['python', 'empty'])?.key).toBe('empty');
      expect(runOf('python').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ python: 0, empty: 0 });
    });
  });

  describe('within its memory budget', () => {
    it('creates only as many sandboxes as fit according to the measured memory of their kind', async () => {
      open(10, 100);
      pool.register(kind('java', 40));
      request('java', 10);
      await fill();
      expect(pool.counts()).toEqual({ java: 2 });
      expect(pool.memoryBytes).toBe(80 * MIB);
    });

    it('creates no sandbox of a kind that was not measured when the budget is below the estimate', async () => {
      open(3, 1);
      register('python');
      await fill();
      expect(created).toEqual([]);
    });

    it('discards a sandbox that turns out to be larger than the budget', async () => {
      open(3, 64);
      pool.register(kind('java', 80));
      await fill();
      expect(pool.memoryBytes).toBeLessThanOrEqual(64 * MIB);
    });

    it('evicts a kind with a far lower demand', async () => {
      open(1, 64);
      for (const key of ['java', 'node']) pool.register(kind(key, 30));
      await fill();
      pool.register(kind('python', 30));
      request('python', 1);
      request('node', 1);
      await fill();
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ java: 0, node: 1, python: 1 });
    });

    it('evicts nothing for a kind with a slightly higher demand, so that kinds do not alternate', async () => {
      open(1, 64);
      for (const key of ['java', 'node']) {
        pool.register(kind(key, 30));
        request(key, 1);
      }
      await fill();
      pool.register(kind('python', 30));
      request('python', 2);
      await fill();
      expect(pool.counts()).toEqual({ java: 1, node: 1, python: 0 });
      for (const { run } of created) expect(run.discard).not.toHaveBeenCalled();
    });

    it('evicts nothing for a kind that would not fit anyway', async () => {
      open(1, 64);
      pool.register(kind('large', 80));
      register('python');
      for (const key of ['large', 'python']) request(key, 1);
      await fill();
      request('large', 10);
      await fill();
      expect(runOf('python').discard).not.toHaveBeenCalled();
    });

    it('creates other kinds when the kind with the highest demand does not fit', async () => {
      open(1, 64);
      pool.register(kind('large', 80));
      request('large', 1);
      await fill();
      request('large', 10);
      register('python');
      await fill();
      expect(pool.counts()).toMatchObject({ python: 1 });
    });
  });

  describe('with a kind whose creation fails', () => {
    const failing = jest.fn(() => Promise.reject<PreparedRun>(new Error('why')));
    beforeEach(() => {
      failing.mockClear();
      pool.register({ key: 'java', name: 'Java', create: failing });
      register('python');
    });

    it('attempts it once and reports the error once until the retry', async () => {
      await fill();
      request('java', 3);
      await fill();
      await fill();
      expect(failing).toHaveBeenCalledTimes(1);
      expect(onCreateError.mock.calls).toEqual([
        [expect.objectContaining({ key: 'java' }), new Error('why')],
      ]);
    });

    it('still creates the other kinds', async () => {
      request('java', 3);
      await fill();
      expect(pool.counts()).toEqual({ Java: 0, python: 1 });
    });
  });

  it('counts sandboxes by name, which several kinds may share', async () => {
    pool.register(kind('["/opt/java"]', 10, 'empty'));
    pool.register(kind('[]', 10, 'empty'));
    register('python');
    expect(pool.counts()).toEqual({ empty: 0, python: 0 });
    await fill();
    expect(pool.counts()).toEqual({ empty: 2, python: 1 });
  });

  describe('when it is closed', () => {
    it('discards all sandboxes, and returns and creates none any more', async () => {
      register('python', 'java');
      await fill();
      await pool.close();
      for (const { run } of created) expect(run.discard).toHaveBeenCalledTimes(1);
      await fill();
      expect(created).toHaveLength(2);
      expect(pool.acquire(['python'])).toBeUndefined();
    });

    it('waits for the sandbox in creation, discards it, too, and creates no other', async () => {
      const first = deferred<PreparedRun>();
      pool.register({ ...kind('java'), create: () => first.promise });
      register('python');
      await fill();
      const closing = pool.close();
      first.resolve(createRun('java', 10));
      await closing;
      expect(createdKeys()).toEqual(['java']);
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
    });

    it('completes even when a sandbox cannot be discarded', async () => {
      register('python', 'java');
      await fill();
      runOf('python').discard.mockRejectedValueOnce(new Error('The resource group could not be closed'));
      await pool.close();
      expect(runOf('java').discard).toHaveBeenCalledTimes(1);
      expect(pool.counts()).toEqual({ java: 0, python: 0 });
    });
  });
});
