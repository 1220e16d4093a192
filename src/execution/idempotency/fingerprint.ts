/** What tells one request from another under the same Idempotency-Key. */
import { createHash } from 'node:crypto';

export interface RequestIdentity {
  readonly method: string;
  readonly path: string;
  /** Validated; undefined is the same as an object without fields. */
  readonly body?: object | undefined;
  /** Whether the client asked for an asynchronous answer. */
  readonly isAsynchronous?: boolean;
}

export const fingerprintOf = ({ method, path, body = {}, isAsynchronous = false }: RequestIdentity): string =>
  sha256(canonicalJson({ method, path, body, isAsynchronous }));

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same text for the same values, in whatever order they came: names sorted, and no white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}
