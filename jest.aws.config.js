// The contract suites and the end-to-end suites on emulated AWS services, with two gateways on one storage.

/** Suites that test only the sandbox, independent of the storage. */
const EXCLUDED = ['misbehaving-(accounting|disk|fork-bomb|host|isolation|memory|time)', 'languages', 'rust'];

module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/aws/*{-,.}spec.ts', '<rootDir>/test/*.e2e-spec.ts'],
  testPathIgnorePatterns: [`<rootDir>/test/(${EXCLUDED.join('|')})(\\.slow)?\\.e2e-spec\\.ts$`],
  globalSetup: '<rootDir>/test/aws/servers/setup.mjs',
  globalTeardown: '<rootDir>/test/aws/servers/teardown.mjs',
};
