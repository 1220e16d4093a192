// The quick run of `npm test`: unit specs, contract suites of the embedded adapters and end-to-end suites.
// Suites that take long are named *.slow.*spec.ts and run with jest.slow.config.js; suites that need other servers have a
// configuration of their own.
module.exports = {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/src/**/*.spec.ts',
    '<rootDir>/test/**/*.(contract|e2e)-spec.ts',
    '!**/*.slow.*',
    '!**/test/{aws,compose,escape,faults}/**',
  ],
  // Node's module resolution requires the file extension in a dynamic import; jest loads the source instead.
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
