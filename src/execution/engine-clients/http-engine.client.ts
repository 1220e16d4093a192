import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios';
import { onAbort } from '../../common/async/abort';
import type { ExecutionRequest } from '../../engine-contract/execution-request';
import type { Language } from '../../engine-contract/language';
import { LanguageBody } from '../../engine-contract/language.body';
import { ProblemException } from '../../common/problems/problem.exception';
import { type ExecutionReport, cancelledReport } from '../../engine-contract/report';
import { toSnakeCase } from '../../engine-contract/snake-case';
import { ExecutionSettings } from '../../config/settings';
import { type EngineHealth, EngineClient, type ExecutionOptions } from './engine.client';
import { RemoteCancellation } from './remote-cancellation';
import { validateEngineResponse } from './validate-engine-response';
import { EngineHealthBody } from './engine-health.body';
import { readEngineStream } from './engine-stream';
import { toEngineProblem } from './engine-problems';

/** Milliseconds for requests that do not wait for a program. */
const REQUEST_TIMEOUT_MS = 5000;

/** Uses an engine that runs as a server of its own. */
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

  async execute(request: ExecutionRequest, { signal, onOutput }: ExecutionOptions): Promise<ExecutionReport> {
    if (signal.aborted) return cancelledReport(0, request.inputs?.length);
    const connection = new AbortController();
    const cancellation = new RemoteCancellation(() => this.cancel(request.jobId), connection);
    const removeListener = onAbort(signal, () => {
      cancellation.start();
    });
    try {
      return await this.executeStreamed(request, onOutput, connection.signal);
    } catch (error) {
      if (!connection.signal.aborted) throw error;
      await cancellation.confirm();
      return cancelledReport(0, request.inputs?.length);
    } finally {
      removeListener();
      cancellation.stop();
    }
  }

  async cancel(jobId: string): Promise<boolean> {
    const { status, data } = await this.request<unknown>({
      method: 'POST',
      url: `/cancel/${jobId}`,
      // Without a body axios would still send the content type of a form, which the engine rejects.
      headers: { 'content-type': false },
      timeout: REQUEST_TIMEOUT_MS,
    });
    if (status === 404) return false;
    if (status !== 200) throw toEngineProblem(data, status);
    return true;
  }

  async languages(): Promise<readonly Language[]> {
    const { status, data } = await this.request<unknown>({
      method: 'GET',
      url: '/languages',
      timeout: REQUEST_TIMEOUT_MS,
    });
    if (status !== 200 || !Array.isArray(data)) throw toEngineProblem(data, status);
    return data.map((language) => validateEngineResponse(LanguageBody, language));
  }

  /** An engine that cannot execute anything returns status 503 with the same body. */
  async ping(): Promise<EngineHealth> {
    const { data } = await this.request<unknown>({
      method: 'GET',
      url: '/health',
      timeout: REQUEST_TIMEOUT_MS,
    });
    const { status, isolation, accounting, warning } = validateEngineResponse(EngineHealthBody, data);
    return { isolation, accounting, warning, canExecute: status === 'up' };
  }

  private async executeStreamed(
    request: ExecutionRequest,
    onOutput: ExecutionOptions['onOutput'],
    signal: AbortSignal,
  ): Promise<ExecutionReport> {
    const { jobId, client, language, code, input, inputs, timeoutMs, limits } = request;
    const response = await this.request<Readable>({
      method: 'POST',
      url: '/execute',
      data: {
        job_id: jobId,
        client,
        language,
        code,
        ...(inputs ? { inputs } : { input }),
        timeout: timeoutMs,
        ...(limits && { limits: toSnakeCase(limits) }),
      },
      headers: { accept: 'application/x-ndjson' },
      responseType: 'stream',
      signal,
    });
    if (response.status === 200) return readEngineStream(response.data, onOutput, inputs?.length);
    const retryAfter: unknown = response.headers['retry-after'];
    throw toEngineProblem(
      await readJson(response.data),
      response.status,
      typeof retryAfter === 'string' ? retryAfter : undefined,
    );
  }

  /** @throws ProblemException `engine-unavailable` when there is no response */
  private async request<T>(config: AxiosRequestConfig): Promise<AxiosResponse<T>> {
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

/** @returns undefined when the body is not JSON or is interrupted */
async function readJson(stream: Readable): Promise<unknown> {
  try {
    return JSON.parse(await text(stream)) as unknown;
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
