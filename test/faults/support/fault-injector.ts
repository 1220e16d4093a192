import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../aws/fault-proxy';
import type { JobBody } from '../../support/api';
import type { Random } from './random';
import { type Part, type Service, processesOf } from './service';
import type { ProcessKind } from './service-process';

export interface Kill {
  readonly kind: ProcessKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch when the next process listened. */
  readonly to: number;
  /** The attempts by job that were RUNNING at that time, in any process. */
  readonly running: ReadonlyMap<string, number>;
}

export interface Outage {
  readonly part: Part;
  readonly how: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Milliseconds between two kills. */
const PAUSE_MS = [2000, 5000] as const;
const OUTAGE_MS = 5000;

const PARTS: readonly Part[] = ['SQS', 'S3', 'DynamoDB'];
const THROTTLED: Readonly<Record<Part, Fault>> = {
  S3: { status: 503, name: 'SlowDown' },
  DynamoDB: { status: 400, name: 'ProvisionedThroughputExceededException' },
  SQS: { status: 403, name: 'ThrottlingException' },
};
const FAULTS: readonly (readonly [string, (part: Part) => Fault])[] = [
  ['resets connections', () => 'reset before'],
  ['does not respond', () => 'silent'],
  ['throttles', (part) => THROTTLED[part]],
];
/** Every part with every fault. */
const OUTAGES = FAULTS.flatMap(([how, faultOf]) =>
  PARTS.map((part) => ({ part, how, fault: faultOf(part) })),
);

/** Kills one process after the other, restarting each at once, and interrupts the storage in between. */
export class FaultInjector {
  readonly kills: Kill[] = [];
  readonly outages: Outage[] = [];

  constructor(
    private readonly service: Service,
    private readonly random: Random,
    private readonly stop: AbortSignal,
  ) {}

  /**
   * Resolves after the signal aborts, when every process is running and no outage is left.
   * @param durationMs ms until the signal aborts
   */
  async run(durationMs: number): Promise<void> {
    await Promise.all([this.injectKills(), this.injectOutages(durationMs)]);
  }

  private async injectKills(): Promise<void> {
    const processes = processesOf(this.service);
    while (await this.pause(this.random.between(...PAUSE_MS))) {
      const process = this.random.pick(processes);
      const running = await this.findRunningAttempts();
      const at = Date.now();
      await process.stop('SIGKILL');
      await process.start();
      this.kills.push({ kind: process.kind, at, to: Date.now(), running });
    }
  }

  private async injectOutages(durationMs: number): Promise<void> {
    const { proxies } = this.service;
    if (!proxies) return;
    for (const { part, how, fault } of OUTAGES) {
      if (!(await this.pause(Math.max(0, durationMs / (OUTAGES.length + 1) - OUTAGE_MS)))) return;
      const from = Date.now();
      proxies[part].selectFault = () => fault;
      await this.pause(OUTAGE_MS);
      proxies[part].selectFault = () => undefined;
      this.outages.push({ part, how, from, to: Date.now() });
    }
  }

  /** From the first gateway that responds; empty if none does. */
  private async findRunningAttempts(): Promise<ReadonlyMap<string, number>> {
    const signal = AbortSignal.timeout(1000);
    const lists = this.service.gateways.map(({ api }) =>
      api.request<{ jobs: JobBody[] }>('GET', '/api/jobs?status=RUNNING&limit=1000', { signal }),
    );
    const response = await Promise.any(lists).catch(() => undefined);
    const jobs = response?.status === 200 ? response.body.jobs : [];
    return new Map(jobs.map(({ job_id, attempt }) => [job_id, attempt]));
  }

  /** Returns false if the run stopped meanwhile. */
  private async pause(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.stop }).catch(() => undefined);
    return !this.stop.aborted;
  }
}
