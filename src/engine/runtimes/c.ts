import type { Runtime } from './runtime';

export const c: Runtime = {
  id: 'c',
  name: 'C (GCC)',
  aliases: ['gcc'],
  extension: 'c',
  tools: { gcc: ['gcc', 'cc'] },
  version: { command: ({ gcc = '' }) => [gcc, '-dumpfullversion'], pattern: /^(\d\S*)/m },
  compile: ({ tools: { gcc = '' }, source, app }) => [
    gcc,
    '-std=gnu17',
    '-O2',
    '-o',
    `${app}/main`,
    source,
    '-lm',
  ],
  run: ({ app }) => [`${app}/main`],
};
