import { gzipSync } from 'node:zlib';
import type { Api, ApiResponse } from './api';

const NESTED = 100_000;
const deep = (open: string, inner: string, close: string): string =>
  open.repeat(NESTED) + inner + close.repeat(NESTED);

/** Name, body, problem code. All are sent as application/json. */
export const INVALID_BODIES: readonly (readonly [string, string | Buffer, string])[] = [
  ['text', 'print(1)', 'malformed-json'],
  ['a form', 'code=print&language=python', 'malformed-json'],
  ['truncated JSON', '{"code": "print(1)", "langu', 'malformed-json'],
  ['JSON with a suffix', '{} {}', 'malformed-json'],
  ['JSON with single quotes', "{'code': 'a'}", 'malformed-json'],
  ['NaN', '{"timeout": NaN}', 'malformed-json'],
  ['white space', ' \n', 'malformed-json'],
  ['a NUL byte in a string', '{"code": "\0"}', 'malformed-json'],
  ['bytes that are not UTF-8', Buffer.from('{"code": "\xff\xfe"}', 'latin1'), 'malformed-json'],
  ['a surrogate encoded in UTF-8', Buffer.from('{"code": "\xed\xa0\x80"}', 'latin1'), 'malformed-json'],
  ['a truncated UTF-8 character', Buffer.from('{"code": "\xe2\x82"}', 'latin1'), 'malformed-json'],
  ['UTF-16', Buffer.from('{"code": "a"}', 'utf16le'), 'malformed-json'],
  ['an array', '[{"code": "print(1)", "language": "python"}]', 'validation-failed'],
  ['deeply nested arrays', deep('[', '', ']'), 'validation-failed'],
  ['null', 'null', 'validation-failed'],
  ['true', 'true', 'validation-failed'],
  ['a number', '5', 'validation-failed'],
  ['a string', '"print(1)"', 'validation-failed'],
];

/** Valid JSON that may break a server: too deep for recursion, or too long for quadratic time. */
export const DEEP_OR_LONG_BODIES: readonly (readonly [string, string])[] = [
  ['deeply nested arrays', deep('[', '', ']')],
  ['deeply nested objects', deep('{"a":', '1', '}')],
  ['a list of a million numbers', `[${'1,'.repeat(999_999)}1]`],
];

export const UNSUPPORTED_CONTENT_TYPES: readonly (string | undefined)[] = [
  undefined,
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/vnd.api+json',
  'application/json, text/plain',
  'json',
];

export const UNSUPPORTED_ENCODINGS: readonly (readonly [string, (body: string) => Buffer])[] = [
  ['gzip', (body) => gzipSync(body)],
  ['br', (body) => Buffer.from(body)],
  ['x-unknown', (body) => Buffer.from(body)],
];

/** @param headers replace the content type of JSON */
export function postRaw(
  api: Api,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<ApiResponse> {
  // Bytes, because fetch adds a content type to a string.
  return api.request('POST', path, { headers, body: new Uint8Array(Buffer.from(body)) });
}
