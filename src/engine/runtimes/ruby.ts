/** Ruby. No interpreter waits: Ruby reads the first line of its script before it loads any library (3.1). */
import { scriptRuntime } from './runtime';

export const ruby = scriptRuntime({
  id: 'ruby',
  name: 'Ruby',
  aliases: ['rb'],
  extension: 'rb',
  executables: ['ruby'],
  versionPattern: /^ruby (\S+)/m,
  outOfMemory: /failed to allocate memory \(NoMemoryError\)/,
});
