// Programs that try to escape from their sandbox, and a service that runs thousands of programs. One file at a time, because
// the suites measure the share of the CPU that a well-behaved run gets beside each program.
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/escape/*.e2e-spec.ts'],
  maxWorkers: 1,
};
