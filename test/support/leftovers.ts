import { randomInt } from 'node:crypto';
import type { Api, JobBody } from './api';
import { findMarkedProcesses, findRunProcesses } from './run-processes';

/** A unique number that can be found in /proc, usable as seconds of a `sleep` that is longer than any test. */
export const createMarker = (): string =>
  `${randomInt(100_000, 999_999).toString()}.${randomInt(1e8, 1e9).toString()}`;

/** Processes below this process that belong to a run, and processes with the marker. */
export const findLeftovers = (marker: string): string[] => [
  ...findRunProcesses(process.pid),
  ...findMarkedProcesses(marker),
];

/** Uploads and executes a program, in which MARKER is replaced, and checks that none of its processes is left. */
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
