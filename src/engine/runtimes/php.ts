import { scriptRuntime } from './runtime';

export const php = scriptRuntime({
  id: 'php',
  name: 'PHP',
  aliases: [],
  extension: 'php',
  executables: ['php'],
  versionPattern: /^PHP (\S+)/m,
  // Errors go to stderr. The sandbox limits the memory, instead of PHP's default of 128 MiB.
  options: ['-d', 'display_errors=stderr', '-d', 'memory_limit=-1'],
});
