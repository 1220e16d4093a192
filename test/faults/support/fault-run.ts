import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobBody } from '../../support/api';
import { FaultInjector, type Kill, type Outage } from './fault-injector';
import { Load, type LoadRequest, isFinal } from './load';
import { Random } from './random';
import type { Service } from './service';

/** Duration of the load and the faults in seconds. */
export const FAULT_SECONDS = Number(process.env['FAULT_SECONDS'] ?? '180');
/** Set it to the seed of an earlier run to repeat the choices of that run. */
export const FAULT_SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31).toString());
/** Milliseconds from the last fault until every execution must be final: several leases, and the resend of a lost message. */
const SETTLE_MS_MAX = 150_000;

export interface SettledRequest extends LoadRequest {
  /** Undefined: the job was not final in time, and counts as lost. */
  readonly job: JobBody | undefined;
}

export interface FaultRun {
  readonly seed: number;
  readonly settled: readonly SettledRequest[];
  readonly uploads: ReadonlySet<string>;
  readonly kills: readonly Kill[];
  readonly outages: readonly Outage[];
  /** Milliseconds from the last fault until the last result. */
  readonly settlingMs: number;
}

/** Puts a steady load on the service, kills its processes and interrupts its storage, and collects the final states. */
export async function runUnderFaults(service: Service, seed = FAULT_SEED): Promise<FaultRun> {
  const stop = new AbortController();
  const durationMs = FAULT_SECONDS * 1000;
  const apis = service.gateways.map(({ api }) => api);
  const load = new Load(apis, new Random(seed + 1), stop.signal);
  const injector = new FaultInjector(service, new Random(seed), stop.signal);
  const running = [load.run(), injector.run(durationMs)];
  await Promise.race([delay(durationMs), ...running]);
  stop.abort();
  await Promise.all(running);
  const faultsEndedAt = Date.now();
  const settled = await Promise.all(
    load.requests.map(async (request) => ({
      ...request,
      job: await finalJob(load, request, faultsEndedAt + SETTLE_MS_MAX),
    })),
  );
  return {
    seed,
    settled,
    uploads: load.uploads,
    kills: injector.kills,
    outages: injector.outages,
    settlingMs: Date.now() - faultsEndedAt,
  };
}

/** Waits until the job is final. The job of a request that was not accepted may stay PENDING. */
async function finalJob(
  load: Load,
  { jobId, accepted }: LoadRequest,
  deadline: number,
): Promise<JobBody | undefined> {
  while (Date.now() < deadline) {
    const job = await load.stateOf(jobId, 0);
    if (job && (isFinal(job) || (!accepted && job.status === 'PENDING'))) return job;
    await load.stateOf(jobId, 20);
  }
  return undefined;
}
