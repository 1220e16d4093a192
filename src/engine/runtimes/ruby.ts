/** Ruby. No interpreter waits: Ruby reads the first line of its script before it loads any library (3.1). */
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
