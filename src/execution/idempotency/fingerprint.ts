import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';

/** What two requests with the same Idempotency-Key must have in common. */
export interface RequestIdentity {
  readonly method: string;
  readonly path: string;
  /** Validated; undefined is the same as an object without fields. */
  readonly body?: object | undefined;
  /** Whether the client requested an asynchronous execution. */
  readonly isAsynchronous?: boolean;
}

/** Fingerprints are stored and compared by later versions, so the same request must always have the same one. */
export const computeFingerprint = ({
  method,
  path,
  body = {},
  isAsynchronous = false,
}: RequestIdentity): string => sha256(canonicalJson({ method, path, body, isAsynchronous }));

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON without white space whose names are sorted by UTF-16 code units, at every depth. */
export const canonicalJson = (value: object): string => stringify(value);
