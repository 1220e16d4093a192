// What `npm test` leaves out because it takes long: the suites named *.slow.*spec.ts, and every suite that is independent of
// the deployment once more with the engine as a server of its own (`npm test` embeds the engine in the gateway).
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const { testTimeout, maxWorkers, ...base } = require('./jest.config.js');

const TEST_DIRECTORY = join(__dirname, 'test');
/** A suite runs against each deployment when it imports one of these. */
const EACH_DEPLOYMENT = /'\.\/support\/(each-deployment|memory-tests)'/;

const isDeploymentSuite = (name) =>
  name.endsWith('.e2e-spec.ts') &&
  !name.includes('.slow.') &&
  EACH_DEPLOYMENT.test(readFileSync(join(TEST_DIRECTORY, name), 'utf8'));

module.exports = {
  projects: [
    {
      ...base,
      displayName: 'slow',
      testMatch: [
        '<rootDir>/src/**/*.slow.spec.ts',
        '<rootDir>/test/**/*.slow.(contract|e2e)-spec.ts',
        '!**/test/{aws,compose,escape,faults}/**',
      ],
      globals: { TEST_ENGINES: 'both' },
    },
    {
      ...base,
      displayName: 'separate engine',
      testMatch: readdirSync(TEST_DIRECTORY)
        .filter(isDeploymentSuite)
        .map((name) => `<rootDir>/test/${name}`),
      globals: { TEST_ENGINES: 'separate' },
    },
  ],
  testTimeout,
  maxWorkers,
};
