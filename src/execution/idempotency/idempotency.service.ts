/** Requests that may come twice, and are made once: by the Idempotency-Key that a client gives them. */
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

/**
 * ms that a repetition waits for the same request in this process; after that, as with one in another process, both do the
 * same.
 */
const WAIT_MS_MAX = 5000;

const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';

export interface IdempotentResponse extends StoredResponse {
  /** Whether a repetition is a request of its own, as after a fault, although this is no problem; by default it is none. */
  readonly releasesKey?: boolean;
}

/** An answer as Nest would send it. */
export const jsonResponse = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): StoredResponse => ({ status, headers, body: JSON.stringify(body) });

export interface IdempotentRequest<Plan extends IdempotencyPlan> extends RequestIdentity {
  /** Undefined: the client gave none, and each request is a new one. */
  readonly key: string | undefined;
  /** At most 63 characters; the same key in another operation is another key. */
  readonly operation: string;
  /** Decides what must never be decided twice; something in it is new with each call. */
  readonly plan: () => Plan | Promise<Plan>;
  /**
   * Does what is planned, and gives an answer of success. Others may do the same at the same time, or have done it before
   * and died: what is done already, or by somebody else just now, must come to the same answer.
   * @param isFirst whether the plan is that of this very request
   * @throws ProblemException
   */
  readonly work: (plan: Plan, isFirst: boolean) => Promise<IdempotentResponse>;
  /**
   * By what a repetition goes after a fault of ours (5xx): `same` where doing it again completes what is half done, `new`
   * where the plan is used up, like the fence of an execution that failed.
   */
  readonly planAfterError: 'same' | 'new';
}

@Injectable()
export class IdempotencyService {
  private readonly turns = new KeyedMutex(WAIT_MS_MAX);
  private readonly logger = new Logger(IdempotencyService.name);

  constructor(private readonly records: IdempotencyRepository) {}

  /**
   * Answers with the work of this request, or with that of the first one under its key. Gives the body, and sets all else.
   * @throws ProblemException `idempotency-key-reused`, and those of the work
   */
  async respond<Plan extends IdempotencyPlan>(
    reply: FastifyReply,
    request: IdempotentRequest<Plan>,
  ): Promise<string> {
    const { answer, isReplayed } = await this.run(request);
    void reply.status(answer.status).headers(answer.headers).type(JSON_MEDIA_TYPE);
    if (isReplayed) void reply.header('idempotency-replayed', 'true');
    return answer.body;
  }

  /** As `answer`, without a connection. */
  async run<Plan extends IdempotencyPlan>(
    request: IdempotentRequest<Plan>,
  ): Promise<{ answer: StoredResponse; isReplayed: boolean }> {
    if (request.key === undefined)
      return { answer: await request.work(await request.plan(), true), isReplayed: false };
    const id = `${request.operation}#${sha256(request.key)}`;
    return this.turns.runExclusive(id, () => this.once(id, request));
  }

  private async once<Plan extends IdempotencyPlan>(
    id: string,
    request: IdempotentRequest<Plan>,
  ): Promise<{ answer: StoredResponse; isReplayed: boolean }> {
    const plan = await request.plan();
    const fingerprint = computeFingerprint(request);
    const createdAt = new Date().toISOString();
    const record = await this.records.claim({ id, fingerprint, plan, createdAt, answer: null });
    if (record.fingerprint !== fingerprint) throw keyReused();
    if (record.answer) return { answer: record.answer, isReplayed: true };
    const isFirst = isDeepStrictEqual(record.plan, plan);
    const answer = await this.made(record, request, isFirst);
    return { answer, isReplayed: false };
  }

  private async made<Plan extends IdempotencyPlan>(
    record: IdempotencyRecord,
    request: IdempotentRequest<Plan>,
    isFirst: boolean,
  ): Promise<StoredResponse> {
    try {
      const { releasesKey = false, ...answer } = await request.work(record.plan as Plan, isFirst);
      if (!releasesKey) return await this.complete(record, answer);
      await this.release(record);
      return answer;
    } catch (error) {
      // Whoever came first may still be at it while one who follows its plan is refused.
      if (isFirst && freesKey(error, request)) await this.release(record);
      throw error;
    }
  }

  /** What was done stays done: without its answer the record leads a repetition to the same. */
  private async complete(record: IdempotencyRecord, answer: StoredResponse): Promise<StoredResponse> {
    try {
      return await this.records.complete(record, answer);
    } catch (error) {
      this.logger.warn({ err: error, id: record.id }, 'an answer could not be kept for a repetition');
      return answer;
    }
  }

  /** The problem that led here is the one to tell. */
  private async release(record: IdempotencyRecord): Promise<void> {
    try {
      await this.records.release(record);
    } catch (error) {
      this.logger.warn({ err: error, id: record.id }, 'an idempotency key could not be given free');
    }
  }
}

/** A refusal has changed nothing, but for the one which says that all is done and only the answer is gone. */
function freesKey<Plan extends IdempotencyPlan>(
  error: unknown,
  { planAfterError }: IdempotentRequest<Plan>,
): boolean {
  const isRefusal = error instanceof ProblemException && error.getStatus() < 500;
  return isRefusal ? error.code !== 'idempotency-answer-lost' : planAfterError === 'new';
}

const keyReused = (): ProblemException =>
  new ProblemException(
    'idempotency-key-reused',
    'This Idempotency-Key came before with another path, body or preference.',
  );
