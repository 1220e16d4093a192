import type { ApiResponse, ProblemBody } from './api';

const REQUEST_ID = /^[\w.-]{1,128}$/;
const aText = expect.stringMatching(/./) as string;

/** Expects a complete problem response. @param instance expected path of the request; by default any */
export function expectProblem(
  response: ApiResponse,
  status: number,
  code: string,
  instance?: string,
): ProblemBody {
  const body = response.body as ProblemBody;
  expect([response.status, body]).toEqual([status, expect.objectContaining({ status, code })]);
  const { errors, current_status, ...members } = body;
  expect(members).toEqual({
    type: `/problems/${code}`,
    title: aText,
    status,
    detail: aText,
    instance: instance ?? (expect.any(String) as string),
    code,
    request_id: response.headers.get('x-request-id'),
  });
  expect(response.headers.get('x-request-id')).toMatch(REQUEST_ID);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  expect(current_status === undefined || code.startsWith('job-already-')).toBe(true);
  expect(errors !== undefined).toBe(code === 'validation-failed');
  const isComplete = (error: object): boolean => Object.keys(error).sort().join() === 'field,message';
  expect(errors?.filter((error) => !isComplete(error) || error.message === '') ?? []).toEqual([]);
  return body;
}

/** Expects a validation problem that names exactly these fields. */
export function expectInvalid(response: ApiResponse, fields: readonly string[], instance?: string): void {
  const { errors = [] } = expectProblem(response, 400, 'validation-failed', instance);
  expect([...new Set(errors.map(({ field }) => field))].sort()).toEqual([...fields].sort());
}
