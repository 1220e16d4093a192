import type { Runtime, Preload } from './runtime';

/** The share of the memory limit that V8 may use for its heap. The rest is for code, stacks and buffers. */
const HEAP_SHARE = 0.75;
export const heapOption = (memoryMb: number): string =>
  `--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE).toString()}`;
export const V8_OUT_OF_MEMORY = /JavaScript heap out of memory|Array buffer allocation failed/;

/** The preload of Node.js, also for languages that are compiled to JavaScript. */
export const nodePreload: Preload = {
  command: ({ tools: { node = '' }, app, hooksDirectory, memoryMb }) => [
    node,
    heapOption(memoryMb),
    '--require',
    `${hooksDirectory}/preload.cjs`,
    `${app}/main.js`,
  ],
};

export const javascript: Runtime = {
  id: 'javascript',
  name: 'JavaScript (Node.js)',
  aliases: ['js', 'node', 'nodejs'],
  extension: 'js',
  tools: { node: ['node', 'nodejs'] },
  version: { command: ({ node = '' }) => [node, '--version'], pattern: /^v(\d\S+)/m },
  run: ({ tools: { node = '' }, source, memoryMb }) => [node, heapOption(memoryMb), source],
  outOfMemory: V8_OUT_OF_MEMORY,
  preload: nodePreload,
};
