/** Clients that upload and execute while everything dies around them, and keep account of what they were promised. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiResponse, Api, JobBody } from '../../support/api';
import type { Random } from './random';
import { type Program, randomProgram } from './random-program';

export interface LoadRequest {
  readonly jobId: string;
  readonly program: Program;
  readonly kind: 'async' | 'sync';
  /** ms since the epoch: when the client asked first. */
  readonly askedAt: number;
  /** Whether an answer, or the state of the job, has said that it is executed. */
  accepted: boolean;
  /** What the answer to a client that waited has said; undefined when there was none. */
  answered: JobBody | undefined;
}

const CLIENTS = 8;
const ASYNC_SHARE = 0.7;
/** ms of pause of a client that was refused. */
const PAUSE_MS = 200;
/** ms */
const ANSWER_MS_MAX = 45_000;
/** ms that a client waits for one result before it asks for the next. */
const PATIENCE_MS = 10_000;

const FINAL = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
export const isFinal = ({ status }: JobBody): boolean => FINAL.includes(status);

export class Load {
  readonly requests: LoadRequest[] = [];
  readonly uploads = new Set<string>();

  constructor(
    private readonly apis: readonly Api[],
    private readonly random: Random,
    private readonly over: AbortSignal,
  ) {}

  /** Until the signal aborts, and what was begun is answered. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.client()));
  }

  /** Undefined: no answer. */
  async request<T>(
    method: string,
    path: string,
    init: RequestInit = {},
  ): Promise<ApiResponse<T> | undefined> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      return await this.random.pick(this.apis).request<T>(method, path, { ...init, signal });
    } catch {
      return undefined;
    }
  }

  private async client(): Promise<void> {
    while (!this.over.aborted) {
      const program = randomProgram(this.random);
      const jobId = await this.upload(program);
      if (jobId === undefined) return;
      const kind = this.random.next() < ASYNC_SHARE ? 'async' : 'sync';
      const promised: LoadRequest = {
        ...{ jobId, program, kind, askedAt: Date.now(), accepted: false, answered: undefined },
      };
      this.requests.push(promised);
      await (kind === 'async' ? this.enqueue(promised) : this.execute(promised));
    }
  }

  /** Asks until it is answered: the key makes one job of all these. */
  private async upload({ language, code }: Program): Promise<string | undefined> {
    const init = json({ language, code }, { 'idempotency-key': randomUUID() });
    while (!this.over.aborted) {
      const answer = await this.request<JobBody>('POST', '/api/upload', init);
      if (answer?.status === 201) {
        this.uploads.add(answer.body.job_id);
        return answer.body.job_id;
      }
      await delay(PAUSE_MS);
    }
    return undefined;
  }

  /** Asks until it is accepted: a job that is queued or has run already says so. */
  private async enqueue(promised: LoadRequest): Promise<void> {
    const path = `/api/execute/${promised.jobId}`;
    const init = json({ timeout: 20_000 }, { prefer: 'respond-async' });
    while (!promised.accepted && !this.over.aborted) {
      if ((await this.stateOf(promised.jobId))?.status === 'PENDING') {
        promised.accepted = (await this.request('POST', path, init))?.status === 202;
        if (promised.accepted) break;
      }
      const job = await this.stateOf(promised.jobId);
      if (job && job.status !== 'PENDING') promised.accepted = true;
      else await delay(PAUSE_MS);
    }
    const patience = Date.now() + PATIENCE_MS;
    while (promised.accepted && Date.now() < patience && !this.over.aborted) {
      const job = await this.stateOf(promised.jobId, 5);
      if (job && isFinal(job)) return;
      if (!job) await delay(PAUSE_MS);
    }
  }

  private async execute(promised: LoadRequest): Promise<void> {
    const answer = await this.request<JobBody>(
      'POST',
      `/api/execute/${promised.jobId}`,
      json({ timeout: 20_000 }),
    );
    if (answer?.status !== 200) {
      await delay(PAUSE_MS);
      return;
    }
    promised.accepted = true;
    promised.answered = answer.body;
  }

  /** Undefined: no answer. @param wait s */
  async stateOf(jobId: string, wait = 0): Promise<JobBody | undefined> {
    const answer = await this.request<JobBody>('GET', `/api/status/${jobId}?wait=${wait.toString()}`);
    return answer?.status === 200 ? answer.body : undefined;
  }
}

const json = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
