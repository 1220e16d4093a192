/** Perl. */
import { script } from './runtime';

export const perl = script({
  id: 'perl',
  name: 'Perl',
  aliases: ['pl'],
  extension: 'pl',
  executables: ['perl'],
  versionPattern: /\(v(\d[\d.]*)\)/,
  outOfMemory: /^Out of memory/m,
});
