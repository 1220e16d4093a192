import type { Attributes } from './job-item';

/** Consecutive entries of a bucket, as one query returns them. */
export interface IndexBucketPart {
  /** The entries that match the filter. */
  readonly items: readonly Attributes[];
  /** The id of the last entry that was read, whether or not it matches; undefined at the end of the bucket. */
  readonly lastId: string | undefined;
  /** The number of entries that were read, whether or not they match. DynamoDB bills by it. */
  readonly evaluated: number;
}

/**
 * Reads the next part of a bucket, newest first.
 * @param after the id of the entry before the part; undefined reads from the newest entry
 * @param limit entries to read at most, whether or not they match
 */
export type ReadPart = (after: string | undefined, limit: number) => Promise<IndexBucketPart>;

/** Reads one bucket of the index part by part, newest first. */
export class IndexBucketReader {
  private readonly buffer: Attributes[] = [];
  private isAtEnd = false;

  /** @param position everything newer than this id has been read; initially the start of the page */
  constructor(
    private readonly readPart: ReadPart,
    private position: string | undefined,
  ) {}

  /** The newest entry that was read but not yet taken. */
  get newest(): Attributes | undefined {
    return this.buffer[0];
  }

  /** Whether the next entry is unknown until read() is called. */
  get needsRead(): boolean {
    return this.buffer.length === 0 && !this.isAtEnd;
  }

  /** Everything down to this id has been read; undefined when the whole bucket has. */
  get readDownTo(): string | undefined {
    return this.isAtEnd ? undefined : this.position;
  }

  async read(limit: number): Promise<IndexBucketPart> {
    const part = await this.readPart(this.position, limit);
    this.buffer.push(...part.items);
    this.position = part.lastId;
    this.isAtEnd = part.lastId === undefined;
    return part;
  }

  dropNewest(): void {
    this.buffer.shift();
  }
}
