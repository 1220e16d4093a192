import { scriptRuntime } from './runtime';

// -u: unbuffered, so that output before a time-out is not lost. -B: no bytecode files, because the code is read-only.
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
    // Python imports `sitecustomize` from here. The hook has that name, and removes the variable.
    environment: ({ hooksDirectory }) => ({ PYTHONPATH: hooksDirectory }),
  },
});
