// One runner for the specs beside the source, the contract suites and the end-to-end suites. What needs servers besides
// has a runner of its own.
module.exports = {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/src/**/*.spec.ts',
    '<rootDir>/test/**/*.(contract|e2e)-spec.ts',
    '!**/test/{aws,compose,escape,faults}/**',
  ],
  // Under Node's resolution a dynamic import names the file that is built.
  moduleNameMapper: { '^(\\.{1,2}/.*\\.module)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 30_000,
  maxWorkers: 2,
};
