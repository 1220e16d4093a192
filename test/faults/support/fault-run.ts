/** A steady load, under which processes are killed and storages are cut off; afterwards, what became of every promise. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobBody } from '../../support/api';
import { type Cut, type Kill, FaultInjector } from './fault-injector';
import { Load, type LoadRequest, isFinal } from './load';
import { Random } from './random';
import type { Service } from './service';

/** s */
export const FAULT_SECONDS = Number(process.env['FAULT_SECONDS'] ?? '180');
export const FAULT_SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31).toString());
/** ms after the last fault: many leases, and a message that counts as lost. */
const SETTLE_MS_MAX = 150_000;

export interface Settled extends LoadRequest {
  /** Undefined: not final in time, and so lost. */
  readonly job: JobBody | undefined;
}

export interface FaultRun {
  readonly seed: number;
  readonly settled: readonly Settled[];
  readonly uploads: ReadonlySet<string>;
  readonly kills: readonly Kill[];
  readonly cuts: readonly Cut[];
  /** ms from the last fault until the last result. */
  readonly settlingMs: number;
}

export async function runUnderFaults(service: Service, seed = FAULT_SEED): Promise<FaultRun> {
  const [over, ms] = [new AbortController(), FAULT_SECONDS * 1000];
  const apis = service.gateways.map(({ api }) => api);
  const load = new Load(apis, new Random(seed + 1), over.signal);
  const killer = new FaultInjector(service, new Random(seed), over.signal);
  const running = [load.run(), killer.run(ms)];
  await Promise.race([delay(ms), ...running]);
  over.abort();
  await Promise.all(running);
  const healedAt = Date.now();
  const settled = await Promise.all(
    load.requests.map(async (promised) => ({
      ...promised,
      job: await final(load, promised, healedAt + SETTLE_MS_MAX),
    })),
  );
  const { kills, cuts } = killer;
  return { seed, settled, uploads: load.uploads, kills, cuts, settlingMs: Date.now() - healedAt };
}

/** One that was never accepted may be PENDING for ever. */
async function final(
  load: Load,
  { jobId, accepted }: LoadRequest,
  until: number,
): Promise<JobBody | undefined> {
  while (Date.now() < until) {
    const job = await load.stateOf(jobId, 0);
    if (job && (isFinal(job) || (!accepted && job.status === 'PENDING'))) return job;
    await load.stateOf(jobId, 20);
  }
  return undefined;
}
