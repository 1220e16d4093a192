import { scriptRuntime } from './runtime';

export const bash = scriptRuntime({
  id: 'bash',
  name: 'Bash',
  aliases: ['sh', 'shell'],
  extension: 'sh',
  executables: ['bash'],
  versionPattern: /version (\d[\d.]*)/,
  outOfMemory: /cannot allocate \d+ bytes/,
});
