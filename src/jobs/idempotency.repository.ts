/** The response to a request, as it was sent. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a request decides before it acts (ids, fencing tokens), so that a repetition does the same thing and nothing more. */
export type IdempotencyPlan = Readonly<Record<string, string | number | boolean | null>>;

export interface IdempotencyRecord {
  /** Identifies the operation and the client's key; at most 128 characters. */
  readonly id: string;
  /** Hash of the request. A different request under the same key has a different one. */
  readonly fingerprint: string;
  /** Unique for each claim, so it also identifies the claim. */
  readonly plan: IdempotencyPlan;
  /** RFC 3339 in UTC with milliseconds. The record expires RECORD_MS_MAX later. */
  readonly createdAt: string;
  /** Null while the request has no response. */
  readonly response: StoredResponse | null;
}

/** Lifetime of a record in ms: 24 h. */
export const RECORD_MS_MAX = 24 * 60 * 60 * 1000;

/**
 * The latest `createdAt` of a record that has expired at `now`.
 * @param now RFC 3339
 */
export const latestExpiredCreation = (now: string): string =>
  new Date(Date.parse(now) - RECORD_MS_MAX).toISOString();

/**
 * Port to the records of requests with an Idempotency-Key.
 * Every method throws StorageUnavailableError if the storage is unavailable.
 */
export abstract class IdempotencyRepository {
  /**
   * Stores the record unless there is one with its id that has not expired. One conditional write: of concurrent claims of one
   * id, exactly one succeeds. Repeating a claim with the same record is safe and may return it with its response.
   * @param record without a response
   * @returns the record that holds the id: the given one if the claim succeeded
   */
  abstract claim(record: IdempotencyRecord): Promise<IdempotencyRecord>;
  /**
   * Stores the response of a record that has none, even if the record was released in the meantime: other requests may have
   * failed with its plan while this one succeeded. A record that has a response, or another plan, stays unchanged.
   * @returns the response to send: if two requests complete one record, both get that of the first
   */
  abstract complete(record: IdempotencyRecord, response: StoredResponse): Promise<StoredResponse>;
  /**
   * Removes the record if it still has this plan and no response: its request changed nothing, and the client may send it
   * again.
   */
  abstract release(record: IdempotencyRecord): Promise<void>;
}
