import { type Deferred, deferred } from '../../common/async/deferred';
import { WebhookLimiter, WAITING_WEBHOOKS_MAX } from './webhook-limiter';

/** Calls that end when a test says so. */
class Calls {
  readonly line = new WebhookLimiter();
  readonly begun: string[] = [];
  private readonly ends = new Map<string, Deferred<void>>();

  enter(id: string, host: string): Promise<void> | undefined {
    return this.line.tryRun(id, host, () => {
      this.begun.push(id);
      const end = deferred();
      this.ends.set(id, end);
      return end.promise;
    });
  }

  async end(id: string): Promise<void> {
    this.ends.get(id)?.resolve();
    await new Promise(setImmediate);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('The line of callbacks', () => {
  it('calls two of one host at a time, and the others of it in their order', async () => {
    const calls = new Calls();
    for (const id of ['a1', 'a2', 'a3', 'a4']) void calls.enter(id, 'a');
    expect(calls.begun).toEqual(['a1', 'a2']);
    await calls.end('a2');
    expect(calls.begun).toEqual(['a1', 'a2', 'a3']);
    await calls.end('a1');
    expect(calls.begun).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('calls another host at once while one is slow', () => {
    const calls = new Calls();
    for (const id of ['a1', 'a2', 'a3']) void calls.enter(id, 'a');
    void calls.enter('b1', 'b');
    expect(calls.begun).toEqual(['a1', 'a2', 'b1']);
  });

  it('calls sixteen at a time', async () => {
    const calls = new Calls();
    for (const index of numbers(20)) void calls.enter(index.toString(), index.toString());
    expect(calls.begun).toEqual(numbers(16).map(String));
    await calls.end('7');
    expect(calls.begun.at(-1)).toBe('16');
    expect(calls.begun).toHaveLength(17);
  });

  it('has room for sixteen that wait for one host, and for others besides', () => {
    const calls = new Calls();
    const entered = numbers(20).map((index) => calls.enter(`a${index.toString()}`, 'a') !== undefined);
    expect(entered).toEqual(numbers(20).map((index) => index < 18));
    expect(calls.enter('b', 'b')).toBeDefined();
  });

  it('never refuses, however many wait, a host that can be called at once', () => {
    const calls = new Calls();
    for (const host of numbers(6))
      for (const index of numbers(18))
        void calls.enter(`${host.toString()}/${index.toString()}`, host.toString());
    expect(calls.begun).toHaveLength(12);
    expect(calls.enter('too many', '5')).toBeUndefined();
    expect(calls.enter('quick', 'quick')).toBeDefined();
    expect(calls.begun.at(-1)).toBe('quick');
  });

  it('knows what runs and what waits, until its end', async () => {
    const calls = new Calls();
    for (const id of ['a1', 'a2', 'a3']) void calls.enter(id, 'a');
    expect(['a1', 'a3', 'b'].map((id) => calls.line.has(id))).toEqual([true, true, false]);
    await calls.end('a1');
    expect(calls.line.has('a1')).toBe(false);
  });

  it('forgets at its end what waits, waits for what runs, and takes nothing more', async () => {
    const calls = new Calls();
    const [first, , third] = ['a1', 'a2', 'a3'].map((id) => calls.enter(id, 'a'));
    let isClosed = false;
    const closing = calls.line.close().then(() => {
      isClosed = true;
    });
    await third;
    await calls.end('a1');
    await first;
    expect([isClosed, calls.enter('b', 'b')]).toEqual([false, undefined]);
    await calls.end('a2');
    await closing;
    expect(calls.begun).toEqual(['a1', 'a2']);
  });

  it('lets wait no more than it says', () => {
    const calls = new Calls();
    const hosts = numbers(100).map((index) => (index % 20).toString());
    const entered = hosts.filter((host, index) => calls.enter(index.toString(), host) !== undefined);
    expect([entered.length, calls.begun.length]).toEqual([16 + WAITING_WEBHOOKS_MAX, 16]);
  });
});
