// Kills processes and interrupts the storage, singly and at random under load, on the embedded storage and on AWS servers.
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/faults/*.e2e-spec.ts'],
  globalSetup: '<rootDir>/test/aws/servers/setup.mjs',
  globalTeardown: '<rootDir>/test/aws/servers/teardown.mjs',
  testTimeout: 120_000,
};
