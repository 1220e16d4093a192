/** Slots under thousands of random events: what holds whatever comes in whatever order. */
import type { ProblemException } from '../../common/problems/problem.exception';
import { seededRandom } from './random.fixture';
import { type Release, Slots } from './slots';

interface Entry {
  readonly client: string;
  readonly controller: AbortController;
  /** Admissions of each client at the moment at which this one became the first of its own in the line. */
  admittedBefore: Map<string, number> | undefined;
  release: Release | undefined;
}

/** What a line should be, kept beside the real one. */
class Model {
  readonly slots: Slots;
  readonly held: Entry[] = [];
  readonly lines = new Map<string, Entry[]>();
  readonly admissions = new Map<string, number>();
  readonly ended = { refused: 0, left: 0 };
  readonly faults: string[] = [];
  /** Of any other client, while the first of a client waited. */
  turnsMost = 0;
  /** Admissions of others than the oldest of their client. */
  misplaced = 0;

  constructor(
    readonly size: number,
    readonly queueMax: number,
  ) {
    this.slots = new Slots(size, queueMax);
  }

  get waiting(): Entry[] {
    return [...this.lines.values()].flat();
  }

  async acquire(client: string): Promise<void> {
    const controller = new AbortController();
    const entry: Entry = { client, controller, admittedBefore: undefined, release: undefined };
    this.lineOf(client).push(entry);
    this.lookAtFirst(client);
    try {
      entry.release = await this.slots.acquire(client, controller.signal);
      if (entry.release) this.admitted(entry);
      else this.ended.left += 1;
    } catch (error) {
      if ((error as ProblemException).code !== 'engine-busy') this.faults.push(String(error));
      this.ended.refused += 1;
    } finally {
      this.lines.set(
        client,
        this.lineOf(client).filter((one) => one !== entry),
      );
      this.lookAtFirst(client);
    }
  }

  lineOf(client: string): Entry[] {
    const line = this.lines.get(client) ?? [];
    this.lines.set(client, line);
    return line;
  }

  private lookAtFirst(client: string): void {
    const [first] = this.lineOf(client);
    if (first) first.admittedBefore ??= new Map(this.admissions);
  }

  private admitted(entry: Entry): void {
    const { client, admittedBefore } = entry;
    const ahead = this.lineOf(client).slice(0, this.lineOf(client).indexOf(entry));
    if (ahead.some(({ controller }) => !controller.signal.aborted)) this.misplaced += 1;
    for (const [other, count] of this.admissions) {
      const turns = count - (admittedBefore?.get(other) ?? 0);
      if (other !== client) this.turnsMost = Math.max(this.turnsMost, turns);
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
])('%d slots and %d places', (size, queueMax) => {
  it.each([
    ...[1, 2, 3, 4, 5].map((seed) => [seed, 'one by one', 1] as const),
    ...[6, 7, 8, 9, 10].map((seed) => [seed, 'also at the same moment', 0.6] as const),
  ])(
    'lose nothing, give nothing twice and keep every order over thousands of random events (seed %d, %s)',
    async (seed, _name, settling) => {
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
      const model = new Model(size, queueMax);
      let idle = 0;
      model.slots.onIdle(() => (idle += 1));
      for (let event = 0; event < 600; event += 1) {
        const kind = random();
        // `a` floods, the others come now and then.
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
          // No slot is idle while somebody waits.
          if (model.waiting.length > 0) expect(model.held).toHaveLength(size);
          expect(model.slots.free).toBe(size - model.held.length);
        }
        expect(model.held.length).toBeLessThanOrEqual(size);
      }
      await settled();
      expect(model.faults).toEqual([]);
      // Of events of one moment nobody can say here which came first.
      if (settling === 1) expect([model.turnsMost, model.misplaced]).toEqual([queueMax > 1 ? 1 : 0, 0]);
      expect(Math.min(model.ended.refused, ...model.admissions.values())).toBeGreaterThan(0);
      // Everything is given back: then there are exactly as many slots and places as at the beginning.
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
