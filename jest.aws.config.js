// The contract suites and the end-to-end suites over an S3, a DynamoDB and an SQS, with two gateways on one storage.

/** These are about the sandbox alone, whatever keeps the jobs. */
const NOT_HERE = ['misbehaving-(accounting|disk|fork-bomb|host|isolation|memory|time)', 'languages', 'rust'];

module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/aws/*{-,.}spec.ts', '<rootDir>/test/*.e2e-spec.ts'],
  testPathIgnorePatterns: [`<rootDir>/test/(${NOT_HERE.join('|')})\\.e2e-spec\\.ts$`],
  globalSetup: '<rootDir>/test/aws/servers/setup.mjs',
  globalTeardown: '<rootDir>/test/aws/servers/teardown.mjs',
};
