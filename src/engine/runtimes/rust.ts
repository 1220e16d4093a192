import type { Runtime } from './runtime';

export const rust: Runtime = {
  id: 'rust',
  name: 'Rust',
  aliases: ['rs'],
  extension: 'rs',
  tools: { rustc: ['rustc'] },
  version: { command: ({ rustc = '' }) => [rustc, '--version'], pattern: /^rustc (\S+)/m },
  compile: ({ tools: { rustc = '' }, source, app }) => [
    rustc,
    '--edition',
    '2021',
    '-O',
    '-o',
    `${app}/main`,
    source,
  ],
  run: ({ app }) => [`${app}/main`],
};
