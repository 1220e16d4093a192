// Who may know whom. The picture is in CONTRIBUTING.md.
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    only('no-circular', 'A circle cannot be understood in parts.', {}, { circular: true }),
    only(
      'jobs-know-no-module',
      'Jobs know their own ports; others bind them.',
      { path: '^src/jobs/' },
      { path: '^src/(storage|execution|health|engine)/' },
    ),
    only(
      'storage-knows-jobs-alone',
      'Storage implements the ports of jobs.',
      { path: '^src/storage/' },
      { path: '^src/(execution|health|engine)/' },
    ),
    only(
      'execution-knows-jobs-alone',
      'Execution reaches storage through the ports of jobs.',
      { path: '^src/execution/' },
      { path: '^src/(storage|health)/' },
    ),
    only(
      'engine-knows-nothing-of-the-gateway',
      'The engine is an application of its own.',
      { path: '^src/engine/' },
      { path: '^src/(jobs|storage|execution|health|app\\.|main\\.)' },
    ),
    only(
      'only-the-embedded-client-knows-the-engine',
      'Everyone else knows the port.',
      { path: '^src/', pathNot: '^src/(engine/|execution/clients/embedded-engine\\.client\\.ts$)' },
      { path: '^src/engine/' },
    ),
    only(
      'common-knows-no-module',
      'What every module may use must not use one.',
      { path: '^src/(common|config)/' },
      { path: '^src/(jobs|storage|execution|health|engine)/' },
    ),
    only(
      'ports-know-no-adapter',
      'An arrow from a port to an adapter would turn the house around.',
      { path: '^src/(jobs/[^/]+\\.(repository|catalog|queue)|execution/engine\\.client)\\.ts$' },
      { path: '^src/(storage|execution/clients)/' },
    ),
    only(
      'drivers-in-storage-alone',
      'Only an adapter knows its SDK or driver.',
      { path: '^src/', pathNot: '^src/storage/' },
      { path: '(^|/)node_modules/(libsql|@aws-sdk|@smithy)/' },
    ),
    only('source-knows-no-test', 'Tests know the source.', { path: '^src/' }, { path: '^test/' }),
    only(
      'no-unlisted-packages',
      'A package that is used is a dependency.',
      { path: '^src/' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    ),
    only(
      'no-development-packages',
      'What runs in production is a dependency for production.',
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
