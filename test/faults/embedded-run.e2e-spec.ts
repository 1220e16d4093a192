import { EXECUTION_ATTEMPTS_MAX } from './support/attempts-max';
import { faultRunSuite } from './support/fault-run.suite';
import { startEmbeddedService } from './support/service';

faultRunSuite('A gateway on the embedded storage', () =>
  startEmbeddedService(
    { hasEngineProcess: true },
    { EXECUTION_ATTEMPTS_MAX, WORKER_CONCURRENCY: '4', ENGINE_SLOTS: '4' },
  ),
);
