// Run by scripts/compose-test.mjs against the compose stack: the end-to-end suites and the suites of test/compose.
const base = require('./jest.config.js');

/** Suites that need to start the service themselves. */
const EXCLUDED = [
  // These start the service with their own settings.
  'settings',
  '(async|webhooks|events-connections)',
  'bad-input-(http|size)-settings',
  'misbehaving-(accounting|disk|fork-bomb|output-limit|queue|clients)',
  // These inspect the server's process or its files.
  'abandoned',
  'events-connections',
  'bad-input-cut-off',
  'misbehaving-host',
  // Validation does not depend on the deployment, and these suites take minutes. npm test and test:aws run them.
  'bad-input-(job|query|upload)',
  // It expects an empty list of jobs.
  'documentation-examples',
  // The engine's image has no Rust.
  'rust',
];

module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/*.e2e-spec.ts', '<rootDir>/test/compose/**/*.e2e-spec.ts'],
  testPathIgnorePatterns: [`<rootDir>/test/(${EXCLUDED.join('|')})(\\.slow)?\\.e2e-spec\\.ts$`],
  // The suites share one service, and some restart it.
  maxWorkers: 1,
  testTimeout: 60_000,
};
