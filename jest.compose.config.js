// What scripts/compose-test.mjs runs against the containers: the end-to-end suites that need no settings of their own and
// nothing of the process that serves, and those of the containers themselves.
const base = require('./jest.config.js');

module.exports = {
  ...base,
  testMatch: [
    '<rootDir>/test/{api,openapi,swagger-ui}.e2e-spec.ts',
    '<rootDir>/test/misbehaving-input.e2e-spec.ts',
    '<rootDir>/test/compose/**/*.e2e-spec.ts',
  ],
  // They share one service, and some of them restart it.
  maxWorkers: 1,
  testTimeout: 60_000,
};
