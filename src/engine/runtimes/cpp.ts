import type { Runtime } from './runtime';

export const cpp: Runtime = {
  id: 'cpp',
  name: 'C++ (GCC)',
  aliases: ['c++', 'cxx', 'g++'],
  extension: 'cpp',
  tools: { gxx: ['g++', 'c++'] },
  version: { command: ({ gxx = '' }) => [gxx, '-dumpfullversion'], pattern: /^(\d\S*)/m },
  compile: ({ tools: { gxx = '' }, source, app }) => [
    gxx,
    '-std=gnu++20',
    '-O2',
    '-o',
    `${app}/main`,
    source,
  ],
  run: ({ app }) => [`${app}/main`],
};
