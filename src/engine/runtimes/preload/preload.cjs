// Preload hook of Node.js, loaded with --require before the script. It waits for the engine's message and then removes its
// traces: from the options that child processes inherit, and from the module cache. Worker threads inherit the option
// itself, but must not wait.
'use strict';
if (require('node:worker_threads').isMainThread) {
  const { closeSync, readSync, writeSync } = require('node:fs');
  process.execArgv.splice(process.execArgv.indexOf('--require'), 2);
  delete require.cache[module.filename];
  // The modules that console.log needs. The streams are not created, because that changes their file descriptors.
  require('node:net');
  require('node:tty');
  writeSync(4, 'w'); // the interpreter is loaded
  const byte = new Uint8Array(1);
  while (readSync(3, byte) === 1 && byte[0] !== 0x0a);
  writeSync(4, 'b'); // the program starts
  closeSync(3);
  closeSync(4);
}
