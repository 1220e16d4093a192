/** Proves of an execution in this process that no process is left of it. */
import { randomInt } from 'node:crypto';
import type { Api, JobBody } from './api';
import { findMarkedProcesses, findRunProcesses } from './run-processes';

/** A number of seconds for `sleep`, or anything else that is seen in /proc: longer than any test, and unique. */
export const createMarker = (): string =>
  `${randomInt(100_000, 999_999).toString()}.${randomInt(1e8, 1e9).toString()}`;

export const findLeftovers = (marker: string): string[] => [
  ...findRunProcesses(process.pid),
  ...findMarkedProcesses(marker),
];

/** Uploads and executes a program that may contain the word MARKER, and proves that no process is left. */
export async function runWithoutLeftovers(
  api: Api,
  language: string,
  code: string,
  body: object = {},
): Promise<JobBody> {
  const marker = createMarker();
  const job = await api.run(language, code.replaceAll('MARKER', marker), body);
  expect(findLeftovers(marker)).toEqual([]);
  return job;
}
