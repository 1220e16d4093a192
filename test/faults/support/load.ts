import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiResponse, Api, JobBody } from '../../support/api';
import type { Random } from './random';
import { type Program, randomProgram } from './random-program';

/** A request to execute a job, and what the service has promised about it. */
export interface LoadRequest {
  readonly jobId: string;
  readonly program: Program;
  readonly kind: 'async' | 'sync';
  /** Milliseconds since the epoch of the client's first request. */
  readonly requestedAt: number;
  /** Whether a response, or the state of the job, has confirmed the execution. */
  accepted: boolean;
  /** Body of the response to a synchronous execution; undefined if there was no response. */
  responseBody: JobBody | undefined;
}

const CLIENTS = 8;
const ASYNC_SHARE = 0.7;
/** Milliseconds that a client waits after a failed request. */
const RETRY_DELAY_MS = 200;
const RESPONSE_TIMEOUT_MS = 45_000;
/** Milliseconds that a client waits for the result of an asynchronous execution before it starts the next one. */
const RESULT_WAIT_MS = 10_000;

const FINAL_STATUSES = ['SUCCESS', 'FAILED', 'TIMEOUT', 'CANCELLED'];
export const isFinal = ({ status }: JobBody): boolean => FINAL_STATUSES.includes(status);

/** Clients that upload and execute programs while faults are injected, and record what the service accepted. */
export class Load {
  readonly requests: LoadRequest[] = [];
  readonly uploads = new Set<string>();

  constructor(
    private readonly apis: readonly Api[],
    private readonly random: Random,
    private readonly stop: AbortSignal,
  ) {}

  /** Resolves after the signal aborts, when every open request has a response. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.runClient()));
  }

  /** @returns undefined if there is no response */
  async request<T>(
    method: string,
    path: string,
    init: RequestInit = {},
  ): Promise<ApiResponse<T> | undefined> {
    try {
      const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
      return await this.random.pick(this.apis).request<T>(method, path, { ...init, signal });
    } catch {
      return undefined;
    }
  }

  /**
   * @param wait seconds of the long poll
   * @returns undefined if there is no successful response
   */
  async stateOf(jobId: string, wait = 0): Promise<JobBody | undefined> {
    const response = await this.request<JobBody>('GET', `/api/status/${jobId}?wait=${wait.toString()}`);
    return response?.status === 200 ? response.body : undefined;
  }

  private async runClient(): Promise<void> {
    while (!this.stop.aborted) {
      const program = randomProgram(this.random);
      const jobId = await this.upload(program);
      if (jobId === undefined) return;
      const request: LoadRequest = {
        jobId,
        program,
        kind: this.random.next() < ASYNC_SHARE ? 'async' : 'sync',
        requestedAt: Date.now(),
        accepted: false,
        responseBody: undefined,
      };
      this.requests.push(request);
      await (request.kind === 'async' ? this.enqueue(request) : this.execute(request));
    }
  }

  /** Repeats the request until it succeeds; the idempotency key makes one job of all attempts. */
  private async upload({ language, code }: Program): Promise<string | undefined> {
    const init = json({ language, code }, { 'idempotency-key': randomUUID() });
    while (!this.stop.aborted) {
      const response = await this.request<JobBody>('POST', '/api/upload', init);
      if (response?.status === 201) {
        this.uploads.add(response.body.job_id);
        return response.body.job_id;
      }
      await delay(RETRY_DELAY_MS);
    }
    return undefined;
  }

  /** Repeats the request until it is accepted, which the state of the job shows if the response was lost. */
  private async enqueue(request: LoadRequest): Promise<void> {
    const path = `/api/execute/${request.jobId}`;
    const init = json({ timeout: 20_000 }, { prefer: 'respond-async' });
    while (!request.accepted && !this.stop.aborted) {
      if ((await this.stateOf(request.jobId))?.status === 'PENDING') {
        request.accepted = (await this.request('POST', path, init))?.status === 202;
        if (request.accepted) break;
      }
      const job = await this.stateOf(request.jobId);
      if (job && job.status !== 'PENDING') request.accepted = true;
      else await delay(RETRY_DELAY_MS);
    }
    const deadline = Date.now() + RESULT_WAIT_MS;
    while (request.accepted && Date.now() < deadline && !this.stop.aborted) {
      const job = await this.stateOf(request.jobId, 5);
      if (job && isFinal(job)) return;
      if (!job) await delay(RETRY_DELAY_MS);
    }
  }

  private async execute(request: LoadRequest): Promise<void> {
    const path = `/api/execute/${request.jobId}`;
    const response = await this.request<JobBody>('POST', path, json({ timeout: 20_000 }));
    if (response?.status !== 200) {
      await delay(RETRY_DELAY_MS);
      return;
    }
    request.accepted = true;
    request.responseBody = response.body;
  }
}

const json = (body: object, headers: Record<string, string> = {}): RequestInit => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
