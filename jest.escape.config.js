// Programs that try to get out of their sandbox, and a service that runs thousands of them. One file at a time: what a run
// beside an attempt gets of the machine is measured.
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/escape/*.e2e-spec.ts'],
  maxWorkers: 1,
};
