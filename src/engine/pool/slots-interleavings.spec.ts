import type { ProblemException } from '../../common/problems/problem.exception';
import { seededRandom } from './random.fixture';
import { type Release, Slots } from './slots';

interface Entry {
  readonly client: string;
  readonly controller: AbortController;
  /** Admissions of each client when this caller became the first of its client in the queue. */
  admittedBefore: Map<string, number> | undefined;
  release: Release | undefined;
}

/** The expected state of the queue, kept in parallel to the real one. */
class Model {
  readonly slots: Slots;
  readonly held: Entry[] = [];
  readonly queues = new Map<string, Entry[]>();
  readonly admissions = new Map<string, number>();
  readonly ended = { rejected: 0, left: 0 };
  readonly errors: string[] = [];
  /** Most admissions of any one client while the first caller of another waited. */
  turnsMax = 0;
  /** Admissions of callers that were not the oldest of their client. */
  outOfOrder = 0;

  constructor(
    readonly size: number,
    readonly queueMax: number,
  ) {
    this.slots = new Slots(size, queueMax);
  }

  get waiting(): Entry[] {
    return [...this.queues.values()].flat();
  }

  async acquire(client: string): Promise<void> {
    const controller = new AbortController();
    const entry: Entry = { client, controller, admittedBefore: undefined, release: undefined };
    this.queueOf(client).push(entry);
    this.recordFirst(client);
    try {
      entry.release = await this.slots.acquire(client, controller.signal);
      if (entry.release) this.admitted(entry);
      else this.ended.left += 1;
    } catch (error) {
      if ((error as ProblemException).code !== 'engine-busy') this.errors.push(String(error));
      this.ended.rejected += 1;
    } finally {
      this.queues.set(
        client,
        this.queueOf(client).filter((one) => one !== entry),
      );
      this.recordFirst(client);
    }
  }

  queueOf(client: string): Entry[] {
    const queue = this.queues.get(client) ?? [];
    this.queues.set(client, queue);
    return queue;
  }

  private recordFirst(client: string): void {
    const [first] = this.queueOf(client);
    if (first) first.admittedBefore ??= new Map(this.admissions);
  }

  private admitted(entry: Entry): void {
    const { client, admittedBefore } = entry;
    const ahead = this.queueOf(client).slice(0, this.queueOf(client).indexOf(entry));
    if (ahead.some(({ controller }) => !controller.signal.aborted)) this.outOfOrder += 1;
    for (const [other, count] of this.admissions) {
      const turns = count - (admittedBefore?.get(other) ?? 0);
      if (other !== client) this.turnsMax = Math.max(this.turnsMax, turns);
    }
    this.admissions.set(client, (this.admissions.get(client) ?? 0) + 1);
    this.held.push(entry);
  }
}

const settled = (): Promise<void> => new Promise(setImmediate);

describe.each([
  [1, 0],
  [1, 3],
  [3, 4],
  [2, 12],
])('%d slots and %d queue positions', (size, queueMax) => {
  it.each([
    ...[1, 2, 3, 4, 5].map((seed) => [seed, 'one at a time', 1] as const),
    ...[6, 7, 8, 9, 10].map((seed) => [seed, 'some at the same time', 0.6] as const),
  ])(
    'lose no slot, assign none twice and keep every order over 600 random events (seed %d, %s)',
    async (seed, _name, settling) => {
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
      const model = new Model(size, queueMax);
      let idle = 0;
      model.slots.onIdle(() => (idle += 1));
      for (let event = 0; event < 600; event += 1) {
        const kind = random();
        // Client `a` floods the queue, the others have few callers.
        if (kind < 0.4) void model.acquire('a');
        else if (kind < 0.55) void model.acquire(pick(['b', 'c', 'd']) ?? '');
        else if (kind < 0.85) {
          const entry = pick(model.held);
          if (entry) model.held.splice(model.held.indexOf(entry), 1);
          entry?.release?.();
          if (random() < 0.2) entry?.release?.();
        } else pick(model.waiting)?.controller.abort();
        if (random() < settling) {
          await settled();
          expect(model.waiting.length).toBeLessThanOrEqual(queueMax);
          // No slot is idle while a caller waits.
          if (model.waiting.length > 0) expect(model.held).toHaveLength(size);
          expect(model.slots.free).toBe(size - model.held.length);
        }
        expect(model.held.length).toBeLessThanOrEqual(size);
      }
      await settled();
      expect(model.errors).toEqual([]);
      // The order of simultaneous events is not known here.
      if (settling === 1) expect([model.turnsMax, model.outOfOrder]).toEqual([queueMax > 1 ? 1 : 0, 0]);
      expect(Math.min(model.ended.rejected, ...model.admissions.values())).toBeGreaterThan(0);
      // After everything is released there are as many slots and queue positions as at the start.
      for (const { controller } of model.waiting) controller.abort();
      await settled();
      for (const { release } of model.held) release?.();
      expect([model.slots.free, idle > 0]).toEqual([size, true]);
      const never = (): AbortSignal => new AbortController().signal;
      for (let count = 0; count < size; count += 1)
        expect(await model.slots.acquire('a', never())).toBeDefined();
      let admitted = 0;
      for (let count = 0; count < queueMax; count += 1)
        void model.slots.acquire('a', never()).then(() => (admitted += 1));
      await expect(model.slots.acquire('a', never())).rejects.toMatchObject({ code: 'engine-busy' });
      expect(admitted).toBe(0);
    },
  );
});
