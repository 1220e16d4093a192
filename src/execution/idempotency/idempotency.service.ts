import { isDeepStrictEqual } from 'node:util';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProblemException } from '../../common/problems/problem.exception';
import {
  type IdempotencyPlan,
  type IdempotencyRecord,
  IdempotencyRepository,
  type StoredResponse,
} from '../../jobs/idempotency.repository';
import { type RequestIdentity, computeFingerprint, sha256 } from './fingerprint';
import { KeyedMutex } from '../../common/async/keyed-mutex';

/** Milliseconds that a request waits for another one with the same key in this process. After that both run, as in two processes. */
const WAIT_MS_MAX = 5000;

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

export interface IdempotentResponse extends StoredResponse {
  /** Whether a retry is handled as a new request, as after an error. By default it gets this response again. */
  readonly releasesKey?: boolean;
}

/** A JSON response in the form in which Nest would send it. */
export const jsonResponse = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): StoredResponse => ({ status, headers, body: JSON.stringify(body) });

export interface IdempotentRequest<Plan extends IdempotencyPlan> extends RequestIdentity {
  /** Undefined when the client sent none, so that each request is a new one. */
  readonly key: string | undefined;
  /** Separates the keys of different operations; at most 63 characters. */
  readonly operation: string;
  /** Makes the decisions that a retry must not make again, such as ids. No two calls return equal plans. */
  readonly plan: () => Plan | Promise<Plan>;
  /**
   * Executes the plan and returns a success response. Another process may execute the same plan at the same time, or
   * may have died while doing so, therefore the response must not depend on which of them did the work.
   * @param isFirst whether this request made the plan
   * @throws ProblemException
   */
  readonly executePlan: (plan: Plan, isFirst: boolean) => Promise<IdempotentResponse>;
  /**
   * The plan for a retry after a server error (5xx): `same` if executing it again completes what was started, `new` if
   * the plan cannot be used again, like the fencing token of an execution that failed.
   */
  readonly planAfterError: 'same' | 'new';
}

/** Handles a request with an Idempotency-Key once, and returns the stored response to its retries. */
@Injectable()
export class IdempotencyService {
  private readonly mutex = new KeyedMutex(WAIT_MS_MAX);
  private readonly logger = new Logger(IdempotencyService.name);

  constructor(private readonly records: IdempotencyRepository) {}

  /**
   * Sets status and headers of the response to this request, or to the first one with its key.
   * @returns the body
   * @throws ProblemException `idempotency-key-reused`, and those of `executePlan`
   */
  async respond<Plan extends IdempotencyPlan>(
    reply: FastifyReply,
    request: IdempotentRequest<Plan>,
  ): Promise<string> {
    const { response, isReplayed } = await this.run(request);
    void reply.status(response.status).headers(response.headers).type(JSON_MEDIA_TYPE);
    if (isReplayed) void reply.header('idempotency-replayed', 'true');
    return response.body;
  }

  /** Like `respond`, but returns the response. */
  async run<Plan extends IdempotencyPlan>(
    request: IdempotentRequest<Plan>,
  ): Promise<{ response: StoredResponse; isReplayed: boolean }> {
    if (request.key === undefined)
      return { response: await request.executePlan(await request.plan(), true), isReplayed: false };
    const id = `${request.operation}#${sha256(request.key)}`;
    return this.mutex.runExclusive(id, () => this.runOnce(id, request));
  }

  private async runOnce<Plan extends IdempotencyPlan>(
    id: string,
    request: IdempotentRequest<Plan>,
  ): Promise<{ response: StoredResponse; isReplayed: boolean }> {
    const plan = await request.plan();
    const fingerprint = computeFingerprint(request);
    const createdAt = new Date().toISOString();
    const record = await this.records.claim({ id, fingerprint, plan, createdAt, response: null });
    if (record.fingerprint !== fingerprint) throw keyReusedProblem();
    if (record.response) return { response: record.response, isReplayed: true };
    const isFirst = isDeepStrictEqual(record.plan, plan);
    return { response: await this.executeClaimed(record, request, isFirst), isReplayed: false };
  }

  private async executeClaimed<Plan extends IdempotencyPlan>(
    record: IdempotencyRecord,
    request: IdempotentRequest<Plan>,
    isFirst: boolean,
  ): Promise<StoredResponse> {
    try {
      const { releasesKey = false, ...response } = await request.executePlan(record.plan as Plan, isFirst);
      if (!releasesKey) return await this.complete(record, response);
      await this.release(record);
      return response;
    } catch (error) {
      // When a retry is rejected, the request that made the plan may still be running.
      if (isFirst && shouldRelease(error, request)) await this.release(record);
      throw error;
    }
  }

  /** If the response cannot be stored, a retry executes the same plan, with the same result. */
  private async complete(record: IdempotencyRecord, response: StoredResponse): Promise<StoredResponse> {
    try {
      return await this.records.complete(record, response);
    } catch (error) {
      this.logger.warn({ err: error, id: record.id }, 'failed to store response for idempotency key');
      return response;
    }
  }

  /** Never rejects: the client must get the error that caused the release. */
  private async release(record: IdempotencyRecord): Promise<void> {
    try {
      await this.records.release(record);
    } catch (error) {
      this.logger.warn({ err: error, id: record.id }, 'failed to release idempotency key');
    }
  }
}

/**
 * A client error has changed nothing, except `idempotency-answer-lost`: then everything was done, and only the response is
 * lost.
 */
function shouldRelease<Plan extends IdempotencyPlan>(
  error: unknown,
  { planAfterError }: IdempotentRequest<Plan>,
): boolean {
  const isClientError = error instanceof ProblemException && error.getStatus() < 500;
  return isClientError ? error.code !== 'idempotency-answer-lost' : planAfterError === 'new';
}

const keyReusedProblem = (): ProblemException =>
  new ProblemException(
    'idempotency-key-reused',
    'This Idempotency-Key was used before with another path, body or Prefer header.',
  );
