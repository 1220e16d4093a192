/**
 * The service for tests: a gateway on embedded storage; with AWS_TEST_S3_URL set two on one AWS storage and one engine; with
 * TARGET_URLS set whatever runs there.
 */
import { startAwsGateways } from './aws-gateways';
import { startEmbedded, startEmbeddedWithEngine } from './embedded-gateway';
import type { StartGateway } from './gateway-handle';
import { connectToRunningService } from './running-service';

export { ENGINE_WORK_DIR, startEngine } from './applications';
export type { Gateway } from './gateway-handle';

type Deployments = readonly [Deployment, ...Deployment[]];
type Deployment = readonly [name: string, start: StartGateway];

function listDeployments(): Deployments {
  if (process.env['TARGET_URLS'] !== undefined)
    return [['the service at TARGET_URLS', connectToRunningService]];
  if (process.env['AWS_TEST_S3_URL'] !== undefined)
    return [['two gateways on one storage and one engine', startAwsGateways]];
  return [
    ['the embedded engine', startEmbedded],
    ['an engine of its own', startEmbeddedWithEngine],
  ];
}

/** Every way to run the service that there is here. */
export const DEPLOYMENTS = listDeployments();

export const startGateway: StartGateway = DEPLOYMENTS[0][1];
