export interface FairQueueEntry {
  readonly client: string;
}

/** A queue that is first in, first out within a client and round-robin between clients. */
export class FairQueue<T extends FairQueueEntry> {
  /** In the order of the clients' turns. Contains only clients that have an entry. */
  private readonly entriesByClient = new Map<string, T[]>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  enqueue(entry: T): void {
    const entries = this.entriesByClient.get(entry.client);
    if (entries) entries.push(entry);
    else this.entriesByClient.set(entry.client, [entry]);
    this.count += 1;
  }

  remove(entry: T): void {
    const entries = this.entriesByClient.get(entry.client) ?? [];
    const index = entries.indexOf(entry);
    if (index < 0) return;
    entries.splice(index, 1);
    this.count -= 1;
    if (entries.length === 0) this.entriesByClient.delete(entry.client);
  }

  /** Removes the oldest entry of the client whose turn it is, and moves that client behind all others. */
  dequeue(): T | undefined {
    for (const [client, entries] of this.entriesByClient) {
      const [oldest] = entries;
      if (oldest === undefined) break;
      this.remove(oldest);
      if (this.entriesByClient.delete(client)) this.entriesByClient.set(client, entries);
      return oldest;
    }
    return undefined;
  }

  /**
   * Makes room for an entry of `client`: removes the newest entry of the client that has the most.
   * @returns undefined when no other client has more entries than `client`
   */
  evictFor(client: string): T | undefined {
    let most = this.entriesByClient.get(client) ?? [];
    for (const entries of this.entriesByClient.values()) if (entries.length > most.length) most = entries;
    const newest = most.at(-1);
    if (newest === undefined || newest.client === client) return undefined;
    this.remove(newest);
    return newest;
  }
}
