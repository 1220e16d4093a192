// Node loads this before its script, with --require: here it waits for the engine's word. Afterwards nothing of it is to
// be seen: not in the options that child processes inherit, and not in the modules. Threads inherit the option itself.
'use strict';
if (require('node:worker_threads').isMainThread) {
  const { closeSync, readSync, writeSync } = require('node:fs');
  process.execArgv.splice(process.execArgv.indexOf('--require'), 2);
  delete require.cache[module.filename];
  // What console.log loads first. Not the streams themselves: making one changes its descriptor for the program, too.
  require('node:net');
  require('node:tty');
  writeSync(4, 'w');
  const word = new Uint8Array(1);
  while (readSync(3, word) === 1 && word[0] !== 0x0a);
  writeSync(4, 'b');
  closeSync(3);
  closeSync(4);
}
