import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionReport } from '../../src/engine-contract/report';
import type { ExecutionRequest } from '../../src/engine-contract/execution-request';
import { EngineService } from '../../src/engine/engine.service';
import { Api } from './api';
import { type Overrides, startEngine } from './applications';

const RECHECK_MS = 10;
const TIMEOUT_MS = 15_000;

/** Languages whose programs run in the prepared sandboxes of another language. */
const SHARED_KINDS: Readonly<Record<string, string>> = { typescript: 'javascript' };

export type Counts = Readonly<Record<string, number>>;
type RequestOptions = Partial<
  Pick<ExecutionRequest, 'input' | 'inputs' | 'timeoutMs' | 'limits' | 'client' | 'jobId'>
>;

/** An engine for one test that gives access to the counts of its prepared sandboxes and to complete reports. */
export class WarmEngine {
  private jobs = 0;

  private constructor(
    private readonly service: EngineService,
    private readonly api: Api,
    readonly close: () => Promise<void>,
  ) {}

  static async start(overrides: Overrides = {}): Promise<WarmEngine> {
    const { app, url, close } = await startEngine(overrides);
    return new WarmEngine(app.get(EngineService), new Api(url), close);
  }

  /** Number of prepared sandboxes by name, from /health. */
  async warmCounts(): Promise<Counts | null> {
    return (await this.api.get<{ warm: Counts | null }>('/health')).body.warm;
  }

  /** Waits for this many prepared sandboxes, without a time limit of its own. */
  async waitForWarm(kind: string, count = 1): Promise<void> {
    while (((await this.warmCounts())?.[kind] ?? 0) < count) await delay(RECHECK_MS);
  }

  run(language: string, code: string, more: RequestOptions = {}): Promise<ExecutionReport> {
    const request = {
      jobId: `job-${(this.jobs += 1).toString()}`,
      client: 'test',
      language,
      code,
      input: '',
    };
    return this.service.execute(
      { ...request, timeoutMs: TIMEOUT_MS, ...more },
      { signal: new AbortController().signal, onOutput: () => undefined },
    );
  }

  /** Runs a program in a preloaded interpreter. */
  async runWarm(language: string, code: string, more: RequestOptions = {}): Promise<ExecutionReport> {
    await this.waitForWarm(SHARED_KINDS[language] ?? language);
    const report = await this.run(language, code, more);
    expect(report.sandbox).toBe('warm');
    return report;
  }

  cancel(jobId: string): Promise<boolean> {
    return this.service.cancel(jobId);
  }
}
