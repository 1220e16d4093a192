/** Python. */
import { script } from './runtime';

export const python = script({
  id: 'python',
  name: 'Python',
  aliases: ['py', 'python3'],
  extension: 'py',
  executables: ['python3', 'python'],
  versionPattern: /^Python (3\.\S+)/m,
  // Unbuffered, so that what was printed before a time-out is not lost; no bytecode, as the code is read-only.
  options: ['-u', '-B'],
  outOfMemory: /^MemoryError/m,
});
