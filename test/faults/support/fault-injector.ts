/** Kills one process after the other, each of which is started again at once, and cuts the storage off in between. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../../aws/fault-proxy';
import type { JobBody } from '../../support/api';
import type { ProcessKind } from './service-process';
import type { Random } from './random';
import { type Part, type Service, processesOf } from './service';

export interface Kill {
  readonly kind: ProcessKind;
  /** ms since the epoch. */
  readonly at: number;
  /** When its next process listened. */
  readonly to: number;
  /** The attempt of each job that was RUNNING then, in whichever process. */
  readonly running: ReadonlyMap<string, number>;
}

export interface Cut {
  readonly part: Part;
  readonly how: string;
  /** ms since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** ms between two kills. */
const PAUSE_MS = [2000, 5000] as const;
/** ms */
const CUT_MS = 5000;

const PARTS: readonly Part[] = ['SQS', 'S3', 'DynamoDB'];
const REFUSALS: Readonly<Record<Part, Fault>> = {
  S3: { status: 503, name: 'SlowDown' },
  DynamoDB: { status: 400, name: 'ProvisionedThroughputExceededException' },
  SQS: { status: 403, name: 'ThrottlingException' },
};
const HOW: readonly (readonly [string, (part: Part) => Fault])[] = [
  ['resets', () => 'reset before'],
  ['is silent', () => 'silent'],
  ['refuses', (part) => REFUSALS[part]],
];
/** Every part in every way. */
const CUTS = HOW.flatMap(([how, failureOf]) => PARTS.map((part) => ({ part, how, fault: failureOf(part) })));

export class FaultInjector {
  readonly kills: Kill[] = [];
  readonly cuts: Cut[] = [];

  constructor(
    private readonly service: Service,
    private readonly random: Random,
    private readonly over: AbortSignal,
  ) {}

  /** Until the signal aborts; by then every process lives, and nothing is cut off. @param ms until then */
  async run(ms: number): Promise<void> {
    await Promise.all([this.killAll(), this.cutAll(ms)]);
  }

  private async killAll(): Promise<void> {
    const members = processesOf(this.service);
    while (await this.pause(this.random.between(...PAUSE_MS))) {
      const member = this.random.pick(members);
      const running = await this.runningNow();
      const at = Date.now();
      await member.stop('SIGKILL');
      await member.start();
      this.kills.push({ kind: member.kind, at, to: Date.now(), running });
    }
  }

  private async cutAll(ms: number): Promise<void> {
    const { proxies } = this.service;
    if (!proxies) return;
    for (const { part, how, fault } of CUTS) {
      if (!(await this.pause(Math.max(0, ms / (CUTS.length + 1) - CUT_MS)))) return;
      const from = Date.now();
      proxies[part].selectFault = () => fault;
      await this.pause(CUT_MS);
      proxies[part].selectFault = () => undefined;
      this.cuts.push({ part, how, from, to: Date.now() });
    }
  }

  /** Of the gateway that answers first; none when none does. */
  private async runningNow(): Promise<ReadonlyMap<string, number>> {
    const signal = AbortSignal.timeout(1000);
    const asked = this.service.gateways.map(({ api }) =>
      api.request<{ jobs: JobBody[] }>('GET', '/api/jobs?status=RUNNING&limit=1000', { signal }),
    );
    const answer = await Promise.any(asked).catch(() => undefined);
    const jobs = answer?.status === 200 ? answer.body.jobs : [];
    return new Map(jobs.map(({ job_id, attempt }) => [job_id, attempt]));
  }

  /** False when it is over meanwhile. */
  private async pause(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.over }).catch(() => undefined);
    return !this.over.aborted;
  }
}
