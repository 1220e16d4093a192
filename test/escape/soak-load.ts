/** Clients that execute programs of the mix, each one after the other, and some that cancel or hang up. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Api, JobBody } from '../support/api';
import { createMarker } from '../support/leftovers';
import { findMarkedProcesses } from '../support/run-processes';
import { type SoakProgram, programForRun } from './soak-programs';

/** More than there are slots, so that some always wait. */
const CLIENTS = 6;
const POLL_MS = 5;

export interface LoadResult {
  /** What was not as it had to be. */
  readonly errors: readonly string[];
  readonly jobIds: readonly string[];
}

/** Executes the runs with the numbers `from` to below `to`. */
export async function runLoad(api: Api, from: number, to: number): Promise<LoadResult> {
  const errors: string[] = [];
  const jobIds: string[] = [];
  let next = from;
  const client = async (): Promise<void> => {
    for (let run = next++; run < to; run = next++) {
      const program = programForRun(run);
      const marker = createMarker();
      const jobId = await api.upload(program.language, program.code.replaceAll('MARKER', marker));
      jobIds.push(jobId);
      const job = await execute(api, jobId, program);
      const left = findMarkedProcesses(marker);
      if (isExpected(job, program) && left.length === 0) continue;
      errors.push(`${run.toString()}: ${JSON.stringify({ program, job, left }).slice(0, 2000)}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { errors, jobIds };
}

function isExpected(job: JobBody, { verdicts, stdout }: SoakProgram): boolean {
  return verdicts.includes(job.verdict ?? '') && (stdout === undefined || job.stdout === stdout);
}

async function execute(api: Api, jobId: string, { timeout, client }: SoakProgram): Promise<JobBody> {
  if (client === undefined) return api.execute(jobId, { timeout });
  const connection = new AbortController();
  const execution = api
    .request<JobBody>('POST', `/api/execute/${jobId}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ timeout }),
      signal: connection.signal,
    })
    .then(({ body }) => body);
  execution.catch(() => undefined);
  await api.waitForStatus(jobId, 'RUNNING');
  if (client === 'cancels') {
    await api.post(`/api/cancel/${jobId}`);
    return execution;
  }
  connection.abort();
  return api.waitForStatus(jobId, 'CANCELLED');
}

/** Awaits what comes soon after an answer. @throws Error with what there is instead when it does not come */
export async function waitFor<T>(
  look: () => T,
  isThere: (seen: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; ;) {
    const seen = look();
    if (isThere(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`It did not come to that: ${JSON.stringify(seen)}`);
    await delay(POLL_MS);
  }
}
