import { setTimeout as delay } from 'node:timers/promises';
import type { Api, JobBody } from '../support/api';
import { createMarker } from '../support/leftovers';
import { findMarkedProcesses } from '../support/run-processes';
import { type SoakProgram, programForRun } from './soak-programs';

/** More than there are slots, so that some executions always wait in the queue. */
const CLIENTS = 6;
const POLL_MS = 5;

export interface LoadResult {
  /** Executions whose result was not the expected one. */
  readonly errors: readonly string[];
  readonly jobIds: readonly string[];
}

/** Executes the runs `from` to `to - 1` of the mix with several clients, some of which cancel or disconnect. */
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

/** Polls until the condition holds. @throws Error with the last value after `withinMs` */
export async function waitFor<T>(read: () => T, isMet: (value: T) => boolean, withinMs = 15_000): Promise<T> {
  for (const deadline = Date.now() + withinMs; ;) {
    const value = read();
    if (isMet(value)) return value;
    if (Date.now() > deadline) throw new Error(`The condition was not met: ${JSON.stringify(value)}`);
    await delay(POLL_MS);
  }
}
