import { startAwsGateways } from './aws-gateways';
import { startEmbedded, startEmbeddedWithEngine } from './embedded-gateway';
import type { StartGateway } from './gateway-handle';
import { connectToRunningService } from './running-service';

export { ENGINE_WORK_DIR, startEngine } from './applications';
export type { Gateway } from './gateway-handle';

type Deployment = readonly [name: string, start: StartGateway];

const EMBEDDED_ENGINE: Deployment = ['the engine embedded in the gateway', startEmbedded];
const SEPARATE_ENGINE: Deployment = ['the engine as a server of its own', startEmbeddedWithEngine];

/** Which engines the gateway on embedded storage is tested with; jest.slow.config.js sets it, the default is `embedded`. */
type TestEngines = 'embedded' | 'separate' | 'both';

function embeddedStorageDeployments(): readonly Deployment[] {
  const { TEST_ENGINES = 'embedded' } = globalThis as { TEST_ENGINES?: TestEngines };
  switch (TEST_ENGINES) {
    case 'embedded':
      return [EMBEDDED_ENGINE];
    case 'separate':
      return [SEPARATE_ENGINE];
    case 'both':
      return [EMBEDDED_ENGINE, SEPARATE_ENGINE];
  }
}

/** The deployment that replaces the gateway on embedded storage; undefined in a run without other servers. */
function remoteDeployment(): Deployment | undefined {
  if (process.env['TARGET_URLS'] !== undefined)
    return ['the service at TARGET_URLS', connectToRunningService];
  if (process.env['AWS_TEST_S3_URL'] !== undefined)
    return ['two gateways that share AWS storage and one engine', startAwsGateways];
  return undefined;
}

const remote = remoteDeployment();

/**
 * The deployments of the service in this run: what TARGET_URLS names; with AWS_TEST_S3_URL two gateways on AWS storage;
 * otherwise a gateway on embedded storage, with each engine that the run selects.
 */
export const DEPLOYMENTS: readonly Deployment[] =
  remote === undefined ? embeddedStorageDeployments() : [remote];

/** Starts the service for suites that run against one deployment. */
export const startGateway: StartGateway = (remote ?? EMBEDDED_ENGINE)[1];
