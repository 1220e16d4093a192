// Starts the AWS servers before all tests and passes their addresses in the environment.
import { startMoto, startServers, toolPaths } from '../../../scripts/aws-servers.mjs';

export default async function setup() {
  // The policy suite enforces permissions for all clients of its server.
  const [servers, iam] = await Promise.all([startServers(), startMoto()]);
  globalThis.stopAwsServers = () => Promise.all([servers.stop(), iam.stop()]);
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name];
  const { python, pythonPackages } = toolPaths();
  Object.assign(process.env, {
    AWS_TEST_S3_URL: servers.s3Url,
    AWS_TEST_DYNAMODB_URL: servers.dynamoUrl,
    AWS_TEST_SQS_URL: servers.sqsUrl,
    AWS_TEST_IAM_URL: iam.url,
    AWS_TEST_PYTHON: python,
    AWS_TEST_PYTHON_PACKAGES: pythonPackages,
    // The servers accept any credentials; the SDK must not look for others.
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
}
