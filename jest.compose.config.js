// What scripts/compose-test.mjs runs against the containers: the end-to-end suites, and those of the containers themselves.
const base = require('./jest.config.js');

/** These run where tests start the service themselves. */
const NOT_HERE = [
  // Settings of their own.
  'settings',
  '(async|webhooks|events-connections)',
  'bad-input-(http|size)-settings',
  'misbehaving-(accounting|disk|fork-bomb|output-limit|queue|clients)',
  // They look into the process that serves, or at its files.
  'abandoned',
  'events-connections',
  'bad-input-cut-off',
  'misbehaving-host',
  // It counts all jobs.
  'documentation-examples',
  // The engine's image has none.
  'rust',
];

module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/*.e2e-spec.ts', '<rootDir>/test/compose/**/*.e2e-spec.ts'],
  testPathIgnorePatterns: [`<rootDir>/test/(${NOT_HERE.join('|')})\\.e2e-spec\\.ts$`],
  // They share one service, and some of them restart it.
  maxWorkers: 1,
  testTimeout: 60_000,
};
