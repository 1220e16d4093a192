/** Python. */
import { scriptRuntime } from './runtime';

// Unbuffered, so that what was printed before a time-out is not lost; no bytecode, as the code is read-only.
const OPTIONS = ['-u', '-B'];

export const python = scriptRuntime({
  id: 'python',
  name: 'Python',
  aliases: ['py', 'python3'],
  extension: 'py',
  executables: ['python3', 'python'],
  versionPattern: /^Python (3\.\S+)/m,
  options: OPTIONS,
  outOfMemory: /^MemoryError/m,
  preload: {
    command: ({ tools: { interpreter = '' }, app }) => [interpreter, ...OPTIONS, `${app}/main.py`],
    // Of the hook alone, which is named as Python wants it and takes the variable away.
    environment: ({ hooksDirectory }) => ({ PYTHONPATH: hooksDirectory }),
  },
});
