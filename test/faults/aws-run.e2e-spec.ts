import { EXECUTION_ATTEMPTS_MAX } from './support/attempts-max';
import { faultRunSuite } from './support/fault-run.suite';
import { startAwsService } from './support/service';

faultRunSuite('Two gateways and two workers on AWS', () =>
  startAwsService(
    { gateways: 2, workers: 2 },
    {
      EXECUTION_ATTEMPTS_MAX,
      WORKER_CONCURRENCY: '3',
      ENGINE_SLOTS: '4',
      AWS_CONNECT_TIMEOUT: '500',
      AWS_REQUEST_TIMEOUT: '1000',
      AWS_MAX_ATTEMPTS: '2',
    },
  ),
);
