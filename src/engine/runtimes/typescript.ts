import type { Runtime } from './runtime';
import { V8_OUT_OF_MEMORY, heapOption, nodePreload } from './javascript';

/** The compiler is a dependency of this service. `typescript-toolchain.ts` copies it and the types of Node into view. */
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
    node,
    heapOption(memoryMb),
    compiler,
    source,
    '--outDir',
    app,
    '--pretty',
    'false',
    '--noEmitOnError',
    '--target',
    'es2022',
    '--lib',
    'es2023',
    '--module',
    // Keeps import and require as they are written, by which Node detects the module format.
    'preserve',
    '--types',
    'node',
    '--typeRoots',
    types,
  ],
  run: ({ tools: { node = '' }, app, memoryMb }) => [node, heapOption(memoryMb), `${app}/main.js`],
  outOfMemory: V8_OUT_OF_MEMORY,
  preload: nodePreload,
};
