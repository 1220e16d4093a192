// Which module may import which. docs/architecture.md explains the modules.
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-circular', 'Modules in a cycle cannot be understood one at a time.', {}, { circular: true }),
    rule(
      'jobs-imports-no-other-module',
      'The jobs module defines its ports; storage and execution implement them.',
      { path: '^src/jobs/' },
      { path: '^src/(storage|execution|health|engine)/' },
    ),
    rule(
      'storage-imports-jobs-only',
      'Storage adapters implement the ports of the jobs module.',
      { path: '^src/storage/' },
      { path: '^src/(execution|health|engine)/' },
    ),
    rule(
      'execution-imports-jobs-only',
      'Execution reaches the storage through the ports of the jobs module.',
      { path: '^src/execution/' },
      { path: '^src/(storage|health)/' },
    ),
    rule(
      'engine-imports-no-gateway-module',
      'The engine is an application of its own.',
      { path: '^src/engine/' },
      { path: '^src/(jobs|storage|execution|health|app\\.|main\\.)' },
    ),
    rule(
      'only-the-embedded-client-imports-the-engine',
      'All other code uses the EngineClient port.',
      { path: '^src/', pathNot: '^src/(engine/|execution/engine-clients/embedded-engine\\.client\\.ts$)' },
      { path: '^src/engine/' },
    ),
    rule(
      'shared-code-imports-no-module',
      'Code that every module may import must not import a module.',
      { path: '^src/(common|config|engine-contract)/' },
      { path: '^src/(jobs|storage|execution|health|engine)/' },
    ),
    rule(
      'ports-import-no-adapter',
      'Adapters depend on ports, never the other way round.',
      {
        path: '^src/(jobs/[^/]+\\.(repository|catalogue|queue|store)|execution/engine-clients/engine\\.client)\\.ts$',
      },
      { path: '^src/(storage/|execution/engine-clients/(http|embedded)-engine\\.client\\.ts$)' },
    ),
    rule(
      'aws-sdk-in-aws-adapters-only',
      'Only the AWS adapters use the AWS SDK.',
      { path: '^src/', pathNot: '^src/storage/aws/' },
      { path: '(^|/)node_modules/(@aws-sdk|@smithy)/' },
    ),
    rule(
      'sqlite-in-embedded-adapters-only',
      'Only the embedded adapters use the SQLite driver.',
      { path: '^src/', pathNot: '^src/storage/embedded/' },
      { path: '(^|/)node_modules/libsql/' },
    ),
    rule('source-imports-no-test', 'Tests import the source.', { path: '^src/' }, { path: '^test/' }),
    rule(
      'no-unlisted-packages',
      'Every imported package is listed in package.json.',
      { path: '^src/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    ),
    rule(
      'no-development-packages',
      'Code that runs in production imports production dependencies only.',
      { path: '^src/', pathNot: '\\.spec\\.ts$' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
