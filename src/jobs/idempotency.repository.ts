/** The port to wherever requests with an Idempotency-Key are remembered. */

/** The answer to a request, as it was sent. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a request decided before it did anything (ids, fences), so that a repetition does the same and nothing more. */
export type IdempotencyPlan = Readonly<Record<string, string | number | boolean | null>>;

export interface IdempotencyRecord {
  /** Names the operation and the key of the client; at most 128 characters. */
  readonly id: string;
  /** Of the request: another request under the same key has another one. */
  readonly fingerprint: string;
  /** Two claims never have the same one, so that it tells them apart. */
  readonly plan: IdempotencyPlan;
  /** RFC 3339 in UTC with milliseconds; it is forgotten RECORD_MS_MAX later. */
  readonly createdAt: string;
  /** Null while the request has no answer yet. */
  readonly answer: StoredResponse | null;
}

/** ms for which a record counts: 24 h. */
export const RECORD_MS_MAX = 24 * 60 * 60 * 1000;

/** The latest `createdAt` of a record that counts as none for a claim that is made now. @param now RFC 3339 */
export const latestExpiredCreation = (now: string): string =>
  new Date(Date.parse(now) - RECORD_MS_MAX).toISOString();

/** Every method throws StorageUnavailableError when the storage does not work. */
export abstract class IdempotencyRepository {
  /**
   * One conditional write: of all who claim one id, exactly one gets its own record back, and the others the record of that
   * one. A record that is 24 h older than the claim counts as none. Repeated with the same record it gives that record, by
   * then perhaps with its answer.
   * @param record without an answer
   */
  abstract claim(record: IdempotencyRecord): Promise<IdempotencyRecord>;
  /**
   * Keeps the answer of a record that has none, also of one that was released meanwhile: others may have failed with its plan
   * while this request succeeded. One that has an answer, or another plan, stays as it is.
   * @returns the answer to give: of two who completed a record, both get that of the first
   */
  abstract complete(record: IdempotencyRecord, answer: StoredResponse): Promise<StoredResponse>;
  /** Forgets a record that has no answer, and this very plan: its request changed nothing, and may be made again. */
  abstract release(record: IdempotencyRecord): Promise<void>;
}
