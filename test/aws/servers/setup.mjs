// Starts the servers before all tests, and tells the tests where they are.
import { startMoto, startServers, toolPaths } from '../../../scripts/aws-servers.mjs';

export default async function setup() {
  // Whoever may not do everything has a server of its own.
  const [servers, guarded] = await Promise.all([startServers(), startMoto()]);
  globalThis.stopAwsServers = () => Promise.all([servers.stop(), guarded.stop()]);
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name];
  const { python, pythonPackages } = toolPaths();
  Object.assign(process.env, {
    AWS_TEST_S3_URL: servers.s3Url,
    AWS_TEST_DYNAMODB_URL: servers.dynamoUrl,
    AWS_TEST_SQS_URL: servers.sqsUrl,
    AWS_TEST_IAM_URL: guarded.url,
    AWS_TEST_PYTHON: python,
    AWS_TEST_PYTHON_PACKAGES: pythonPackages,
    // Any will do, and none is looked for elsewhere.
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
}
