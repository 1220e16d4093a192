/** Reads one bucket of the index, newest first, a part at a time. */
import type { Attributes } from './job-item';

export interface BucketPart {
  /** Those of the entries read that match the filter. */
  readonly items: readonly Attributes[];
  /** The id of the last entry read, matching or not; undefined at the end of the bucket. */
  readonly lastId: string | undefined;
  /** Entries read, matching or not: what the part costs. */
  readonly evaluated: number;
}

/** @param after the id of the entry before the part; undefined: from the newest */
export type ReadPart = (after: string | undefined, limit: number) => Promise<BucketPart>;

export class BucketReader {
  private readonly waiting: Attributes[] = [];
  private isAtEnd = false;

  /** @param position everything newer than this has been read; at first, where the page begins */
  constructor(
    private readonly read: ReadPart,
    private position: string | undefined,
  ) {}

  /** The newest entry that was read and not taken yet. */
  get newest(): Attributes | undefined {
    return this.waiting[0];
  }

  /** Whether what comes next is still to be read. */
  get isHungry(): boolean {
    return this.waiting.length === 0 && !this.isAtEnd;
  }

  /** The id down to which all is read; undefined when that is the end of the bucket. */
  get readDownTo(): string | undefined {
    return this.isAtEnd ? undefined : this.position;
  }

  async feed(limit: number): Promise<BucketPart> {
    const part = await this.read(this.position, limit);
    this.waiting.push(...part.items);
    this.position = part.lastId;
    this.isAtEnd = part.lastId === undefined;
    return part;
  }

  drop(): void {
    this.waiting.shift();
  }
}
