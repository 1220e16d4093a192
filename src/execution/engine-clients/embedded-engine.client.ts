import { Injectable, Module } from '@nestjs/common';
import type { ExecutionRequest } from '../../engine-contract/execution-request';
import type { Language } from '../../engine-contract/language';
import { ProblemException } from '../../common/problems/problem.exception';
import type { ExecutionReport } from '../../engine-contract/report';
import { EngineModule } from '../../engine/engine.module';
import { EngineService } from '../../engine/engine.service';
import { type EngineHealth, EngineClient, type ExecutionOptions, isEngineRejection } from './engine.client';

/** Uses the engine that runs in this process. */
@Injectable()
export class EmbeddedEngineClient extends EngineClient {
  constructor(private readonly engine: EngineService) {
    super();
  }

  async execute(request: ExecutionRequest, options: ExecutionOptions): Promise<ExecutionReport> {
    try {
      return await this.engine.execute(request, options);
    } catch (error) {
      if (error instanceof ProblemException && isEngineRejection(error.code)) throw error;
      throw new ProblemException('engine-error', 'The engine failed.', { cause: error });
    }
  }

  cancel(jobId: string): Promise<boolean> {
    return this.engine.cancel(jobId);
  }

  languages(): Promise<readonly Language[]> {
    return Promise.resolve(this.engine.languages());
  }

  ping(): Promise<EngineHealth> {
    const { isolation, accounting, warning } = this.engine.state();
    return Promise.resolve({ isolation, accounting, warning, canExecute: isolation !== 'none' });
  }
}

@Module({
  imports: [EngineModule],
  providers: [{ provide: EngineClient, useClass: EmbeddedEngineClient }],
  exports: [EngineClient],
})
export class EmbeddedEngineClientModule {}
