/** PHP. */
import { scriptRuntime } from './runtime';

export const php = scriptRuntime({
  id: 'php',
  name: 'PHP',
  aliases: [],
  extension: 'php',
  executables: ['php'],
  versionPattern: /^PHP (\S+)/m,
  // Errors are no output; and the sandbox, not PHP's own default of 128 MiB, limits the memory.
  options: ['-d', 'display_errors=stderr', '-d', 'memory_limit=-1'],
});
