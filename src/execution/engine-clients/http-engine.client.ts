/** An engine that is reached over HTTP, behind the contract of the engine's own server. */
import type { Readable } from 'node:stream';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';
import { onAbort } from '../../common/async/abort';
import type { Language } from '../../engine-contract/language';
import { LanguageBody } from '../../engine-contract/language.body';
import { ProblemException } from '../../common/problems/problem.exception';
import { type ExecutionReport, cancelledReport } from '../../engine-contract/report';
import { ExecutionSettings } from '../../config/settings';
import {
  type EngineCondition,
  EngineClient,
  type ExecutionCalls,
  type ExecutionRequest,
} from './engine.client';
import { RemoteCancellation } from './remote-cancellation';
import { validateEngineResponse } from './validate-engine-response';
import { EngineHealthBody } from './engine-health.body';
import { readEngineStream } from './engine-stream';
import { problemFromEngine } from './problem-from-engine';

/** ms for calls that do not wait for a program. */
const CALL_TIMEOUT_MS = 5000;

@Injectable()
export class HttpEngineClient extends EngineClient {
  private readonly url: string;

  constructor(
    private readonly http: HttpService,
    settings: ExecutionSettings,
  ) {
    super();
    this.url = settings.engineUrl ?? '';
  }

  async execute(request: ExecutionRequest, { signal, onOutput }: ExecutionCalls): Promise<ExecutionReport> {
    if (signal.aborted) return cancelledReport(0, request.inputs?.length);
    const connection = new AbortController();
    const cancelled = new RemoteCancellation(() => this.cancel(request.jobId), connection);
    const removeListener = onAbort(signal, () => {
      cancelled.begin();
    });
    try {
      return await this.stream(request, onOutput, connection.signal);
    } catch (error) {
      if (!connection.signal.aborted) throw error;
      await cancelled.confirm();
      return cancelledReport(0, request.inputs?.length);
    } finally {
      removeListener();
      cancelled.end();
    }
  }

  async cancel(jobId: string): Promise<boolean> {
    const { status, data } = await this.call<unknown>({
      method: 'POST',
      url: `/cancel/${jobId}`,
      // There is no body; without this axios would announce a form, which the engine refuses.
      headers: { 'content-type': false },
      timeout: CALL_TIMEOUT_MS,
    });
    if (status === 404) return false;
    if (status !== 200) throw problemFromEngine(data, status);
    return true;
  }

  async languages(): Promise<readonly Language[]> {
    const { status, data } = await this.call<unknown>({
      method: 'GET',
      url: '/languages',
      timeout: CALL_TIMEOUT_MS,
    });
    if (status !== 200 || !Array.isArray(data)) throw problemFromEngine(data, status);
    return data.map((language) => validateEngineResponse(LanguageBody, language));
  }

  /** An engine that is down answers 503 with the same body. */
  async ping(): Promise<EngineCondition> {
    const { data } = await this.call<unknown>({ method: 'GET', url: '/health', timeout: CALL_TIMEOUT_MS });
    const { status, isolation, accounting, warning } = validateEngineResponse(EngineHealthBody, data);
    return { isolation, accounting, warning, canExecute: status === 'up' };
  }

  private async stream(
    request: ExecutionRequest,
    onOutput: ExecutionCalls['onOutput'],
    signal: AbortSignal,
  ): Promise<ExecutionReport> {
    const { jobId, client, language, code, input, inputs, timeoutMs } = request;
    const response = await this.call<Readable>({
      method: 'POST',
      url: '/execute',
      data: {
        job_id: jobId,
        client,
        language,
        code,
        ...(inputs ? { inputs } : { input }),
        timeout: timeoutMs,
      },
      headers: { accept: 'application/x-ndjson' },
      responseType: 'stream',
      signal,
    });
    if (response.status === 200) return readEngineStream(response.data, onOutput, inputs?.length);
    const retryAfter: unknown = response.headers['retry-after'];
    throw problemFromEngine(
      await readJson(response.data),
      response.status,
      typeof retryAfter === 'string' ? retryAfter : undefined,
    );
  }

  /** @throws ProblemException `engine-unavailable` when there is no answer */
  private async call<T>(config: AxiosRequestConfig): Promise<AxiosResponse<T>> {
    try {
      return await this.http.axiosRef.request<T>({
        baseURL: this.url,
        validateStatus: () => true,
        maxBodyLength: Infinity,
        maxRedirects: 0,
        proxy: false,
        ...config,
      });
    } catch (error) {
      if (!isAxiosError(error)) throw error;
      throw new ProblemException('engine-unavailable', 'The execution engine cannot be reached.', {
        cause: error,
      });
    }
  }
}

/** Undefined when it is no JSON, or breaks off. */
async function readJson(stream: Readable): Promise<unknown> {
  const parts: Buffer[] = [];
  try {
    for await (const part of stream) parts.push(part as Buffer);
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

@Module({
  imports: [HttpModule],
  providers: [{ provide: EngineClient, useClass: HttpEngineClient }],
  exports: [EngineClient],
})
export class HttpEngineClientModule {}
