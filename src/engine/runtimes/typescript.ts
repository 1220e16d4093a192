/** TypeScript. */
import type { Runtime } from './runtime';
import { V8_OUT_OF_MEMORY, heapOption, nodePreload } from './javascript';

/** The compiler is a dependency of this service; `compiler` and `types` are given by the toolchain of the engine. */
export const typescript: Runtime = {
  id: 'typescript',
  name: 'TypeScript',
  aliases: ['ts'],
  extension: 'ts',
  tools: { node: ['node', 'nodejs'], compiler: ['typescript:lib/tsc.js'], types: ['@types/node:..'] },
  runTools: ['node'],
  version: {
    command: ({ node = '', compiler = '' }) => [node, compiler, '--version'],
    pattern: /^Version (\S+)/m,
  },
  compile: ({ tools: { node = '', compiler = '', types = '' }, source, app, memoryMb }) => [
    ...[
      node,
      heapOption(memoryMb),
      compiler,
      source,
      '--outDir',
      app,
      '--pretty',
      'false',
      '--noEmitOnError',
    ],
    // `preserve` keeps import and require as they are written; Node tells the kinds of module apart by that.
    ...['--target', 'es2022', '--lib', 'es2023', '--module', 'preserve'],
    ...['--types', 'node', '--typeRoots', types],
  ],
  run: ({ tools: { node = '' }, app, memoryMb }) => [node, heapOption(memoryMb), `${app}/main.js`],
  outOfMemory: V8_OUT_OF_MEMORY,
  preload: nodePreload,
};
