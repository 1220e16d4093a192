import { scriptRuntime } from './runtime';

export const lua = scriptRuntime({
  id: 'lua',
  name: 'Lua',
  aliases: [],
  extension: 'lua',
  executables: ['lua', 'lua5.4', 'lua5.3'],
  versionPattern: /^Lua (\S+)/m,
  versionOption: '-v',
  outOfMemory: /not enough memory/,
});
