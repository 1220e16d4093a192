import { scriptRuntime } from './runtime';

export const perl = scriptRuntime({
  id: 'perl',
  name: 'Perl',
  aliases: ['pl'],
  extension: 'pl',
  executables: ['perl'],
  versionPattern: /\(v(\d[\d.]*)\)/,
  outOfMemory: /^Out of memory/m,
});
