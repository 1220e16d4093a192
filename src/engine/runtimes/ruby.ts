import { scriptRuntime } from './runtime';

/** Ruby cannot be preloaded: it reads the first line of its script before it loads any library (Ruby 3.1). */
export const ruby = scriptRuntime({
  id: 'ruby',
  name: 'Ruby',
  aliases: ['rb'],
  extension: 'rb',
  executables: ['ruby'],
  versionPattern: /^ruby (\S+)/m,
  outOfMemory: /failed to allocate memory \(NoMemoryError\)/,
});
