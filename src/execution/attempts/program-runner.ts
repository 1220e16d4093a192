import { Injectable } from '@nestjs/common';
import { ExecutionSettings } from '../../config/settings';
import type { ExecutionReport } from '../../engine-contract/report';
import type { Job } from '../../jobs/job';
import { ObjectStore } from '../../jobs/object.store';
import { EngineClient } from '../engine-clients/engine.client';
import type { ProgramInput } from '../queue/queued-request.store';
import type { StopCause } from './active-executions';
import type { LiveOutput } from './live-output';

export interface ProgramRun {
  /** The job in the state RUNNING. */
  readonly job: Job;
  readonly input: () => Promise<ProgramInput>;
  /** Stops the program; its reason is a StopCause. */
  readonly stop: AbortController;
  readonly output: LiveOutput;
  /** Called when code and input have been fetched. */
  readonly onFetched: () => void;
}

/** Fetches code and input, and runs the program on the engine. */
@Injectable()
export class ProgramRunner {
  constructor(
    private readonly objects: ObjectStore,
    private readonly engine: EngineClient,
    private readonly settings: ExecutionSettings,
  ) {}

  /** @throws ProblemException `storage-unavailable`, and those of EngineClient.execute */
  async run({ job, input, stop, output, onFetched }: ProgramRun): Promise<ExecutionReport> {
    const { jobId, language, s3Key, timeoutMs, dispatch } = job;
    const [code, programInput] = await Promise.all([this.objects.get(s3Key), input()]);
    onFetched();
    const runs = programInput.inputs?.length ?? 1;
    const timer = setTimeout(() => {
      stop.abort('engine-timeout' satisfies StopCause);
    }, this.settings.engineTimeoutMs * runs);
    try {
      // The engine may still run an earlier attempt whose process died; it must not run beside this one.
      if (dispatch && dispatch.tries > 1) await this.engine.cancel(jobId);
      return await this.engine.execute(
        { jobId, language, code, ...programInput, timeoutMs: timeoutMs ?? 0 },
        {
          signal: stop.signal,
          onOutput: (chunk) => {
            output.push(chunk);
          },
        },
      );
    } finally {
      clearTimeout(timer);
    }
  }
}
