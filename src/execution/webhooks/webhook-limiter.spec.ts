import { type Deferred, deferred } from '../../common/async/deferred';
import { WebhookLimiter, WAITING_WEBHOOKS_MAX } from './webhook-limiter';

/** Deliveries that end when a test says so. */
class Deliveries {
  readonly limiter = new WebhookLimiter();
  readonly started: string[] = [];
  private readonly ends = new Map<string, Deferred<void>>();

  start(id: string, host: string): Promise<void> | undefined {
    return this.limiter.tryRun(id, host, () => {
      this.started.push(id);
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

describe('WebhookLimiter', () => {
  it('runs two per host at a time, and the others of that host in order of arrival', async () => {
    const deliveries = new Deliveries();
    for (const id of ['a1', 'a2', 'a3', 'a4']) void deliveries.start(id, 'a');
    expect(deliveries.started).toEqual(['a1', 'a2']);
    await deliveries.end('a2');
    expect(deliveries.started).toEqual(['a1', 'a2', 'a3']);
    await deliveries.end('a1');
    expect(deliveries.started).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('runs work for another host at once while one host is slow', () => {
    const deliveries = new Deliveries();
    for (const id of ['a1', 'a2', 'a3']) void deliveries.start(id, 'a');
    void deliveries.start('b1', 'b');
    expect(deliveries.started).toEqual(['a1', 'a2', 'b1']);
  });

  it('runs sixteen at a time', async () => {
    const deliveries = new Deliveries();
    for (const index of numbers(20)) void deliveries.start(index.toString(), index.toString());
    expect(deliveries.started).toEqual(numbers(16).map(String));
    await deliveries.end('7');
    expect(deliveries.started.at(-1)).toBe('16');
    expect(deliveries.started).toHaveLength(17);
  });

  it('lets sixteen wait per host, and more for other hosts', () => {
    const deliveries = new Deliveries();
    const accepted = numbers(20).map((index) => deliveries.start(`a${index.toString()}`, 'a') !== undefined);
    expect(accepted).toEqual(numbers(20).map((index) => index < 18));
    expect(deliveries.start('b', 'b')).toBeDefined();
  });

  it('always accepts work that can run at once, however many wait', () => {
    const deliveries = new Deliveries();
    for (const host of numbers(6))
      for (const index of numbers(18))
        void deliveries.start(`${host.toString()}/${index.toString()}`, host.toString());
    expect(deliveries.started).toHaveLength(12);
    expect(deliveries.start('too many', '5')).toBeUndefined();
    expect(deliveries.start('quick', 'quick')).toBeDefined();
    expect(deliveries.started.at(-1)).toBe('quick');
  });

  it('knows running and waiting work until it ends', async () => {
    const deliveries = new Deliveries();
    for (const id of ['a1', 'a2', 'a3']) void deliveries.start(id, 'a');
    expect(['a1', 'a3', 'b'].map((id) => deliveries.limiter.has(id))).toEqual([true, true, false]);
    await deliveries.end('a1');
    expect(deliveries.limiter.has('a1')).toBe(false);
  });

  it('drops waiting work, waits for running work, and rejects further work when it closes', async () => {
    const deliveries = new Deliveries();
    const [first, , third] = ['a1', 'a2', 'a3'].map((id) => deliveries.start(id, 'a'));
    let isClosed = false;
    const closing = deliveries.limiter.close().then(() => {
      isClosed = true;
    });
    await third;
    await deliveries.end('a1');
    await first;
    expect([isClosed, deliveries.start('b', 'b')]).toEqual([false, undefined]);
    await deliveries.end('a2');
    await closing;
    expect(deliveries.started).toEqual(['a1', 'a2']);
  });

  it('lets no more wait than WAITING_WEBHOOKS_MAX', () => {
    const deliveries = new Deliveries();
    const hosts = numbers(100).map((index) => (index % 20).toString());
    const accepted = hosts.filter((host, index) => deliveries.start(index.toString(), host) !== undefined);
    expect([accepted.length, deliveries.started.length]).toEqual([16 + WAITING_WEBHOOKS_MAX, 16]);
  });
});
