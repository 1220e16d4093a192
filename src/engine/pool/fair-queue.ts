/** Those who wait for a slot: first come first served within a client, in turn between clients. */

export interface FairQueueEntry {
  readonly client: string;
}

export class FairQueue<T extends FairQueueEntry> {
  /** By client, in the order of their turns. Nobody is in it without waiting. */
  private readonly turns = new Map<string, T[]>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** How many different ones wait. */
  get clients(): number {
    return this.turns.size;
  }

  has(client: string): boolean {
    return this.turns.has(client);
  }

  join(waiter: T): void {
    const own = this.turns.get(waiter.client);
    if (own) own.push(waiter);
    else this.turns.set(waiter.client, [waiter]);
    this.count += 1;
  }

  leave(waiter: T): void {
    const own = this.turns.get(waiter.client) ?? [];
    const at = own.indexOf(waiter);
    if (at < 0) return;
    own.splice(at, 1);
    this.count -= 1;
    if (own.length === 0) this.turns.delete(waiter.client);
  }

  /** Takes out the oldest of the client whose turn it is; that client's next turn comes after everyone else's. */
  next(): T | undefined {
    for (const [client, own] of this.turns) {
      const [first] = own;
      if (first === undefined) break;
      this.leave(first);
      if (this.turns.delete(client)) this.turns.set(client, own);
      return first;
    }
    return undefined;
  }

  /** Takes out the newest of the client that has the most; undefined when `client` has as many itself. */
  displaceFor(client: string): T | undefined {
    let heaviest = this.turns.get(client) ?? [];
    for (const own of this.turns.values()) if (own.length > heaviest.length) heaviest = own;
    const newest = heaviest.at(-1);
    if (newest === undefined || newest.client === client) return undefined;
    this.leave(newest);
    return newest;
  }
}
