// The contract suites and the end-to-end suites over an S3 and a DynamoDB, with two gateways on one storage.
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/aws/*{-,.}spec.ts', '<rootDir>/test/*.e2e-spec.ts'],
  globalSetup: '<rootDir>/test/aws/servers/setup.mjs',
  globalTeardown: '<rootDir>/test/aws/servers/teardown.mjs',
};
