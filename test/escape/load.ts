/** Clients that execute programs of the mix, each one after the other, and some that cancel or hang up. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Api, JobBody } from '../support/api';
import { newMarker } from '../support/left-over';
import { carriersOf } from '../support/remains';
import { type SoakProgram, programOf } from './soak-programs';

/** More than there are slots, so that some always wait. */
const CLIENTS = 6;
const POLL_MS = 5;

export interface Load {
  /** What was not as it had to be. */
  readonly faults: readonly string[];
  readonly jobIds: readonly string[];
}

/** Executes the runs with the numbers `from` to below `to`. */
export async function load(api: Api, from: number, to: number): Promise<Load> {
  const faults: string[] = [];
  const jobIds: string[] = [];
  let next = from;
  const client = async (): Promise<void> => {
    for (let run = next++; run < to; run = next++) {
      const program = programOf(run);
      const marker = newMarker();
      const jobId = await api.upload(program.language, program.code.replaceAll('MARKER', marker));
      jobIds.push(jobId);
      const job = await execute(api, jobId, program);
      const left = carriersOf(marker);
      if (isRight(job, program) && left.length === 0) continue;
      faults.push(`${run.toString()}: ${JSON.stringify({ program, job, left }).slice(0, 2000)}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { faults, jobIds };
}

function isRight(job: JobBody, { verdicts, stdout }: SoakProgram): boolean {
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
  await api.until(jobId, 'RUNNING');
  if (client === 'cancels') {
    await api.post(`/api/cancel/${jobId}`);
    return execution;
  }
  connection.abort();
  return api.until(jobId, 'CANCELLED');
}

/** Awaits what comes soon after an answer. @throws Error with what there is instead when it does not come */
export async function awaited<T>(
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
