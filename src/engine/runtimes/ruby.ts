/** Ruby. */
import { script } from './runtime';

export const ruby = script({
  id: 'ruby',
  name: 'Ruby',
  aliases: ['rb'],
  extension: 'rb',
  executables: ['ruby'],
  versionPattern: /^ruby (\S+)/m,
  outOfMemory: /failed to allocate memory \(NoMemoryError\)/,
});
