/** Processes that cannot be started are a fault to handle, not the end of the server. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EngineFault } from './engine-fault';
import type { Launch } from './launch';
import { openNothing } from './open-nothing';
import { SandboxedProcess } from './sandboxed-process';

const MISSING: Launch = {
  file: '/nonexistent/bwrap',
  args: [],
  options: { cwd: '/', env: {} },
  announcesPid: true,
};

/** Takes every descriptor, then starts a sandbox; prints the name and the message of what that gives. */
const WITHOUT_DESCRIPTORS = `
const { openSync, readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');
require.extensions['.ts'] = (module, path) => {
  const jsc = { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true };
  const { code } = transformSync(readFileSync(path, 'utf8'), { jsc, module: { type: 'commonjs' } });
  module._compile(code, path);
};
const { SandboxedProcess } = require(process.argv[1]);
const input = openSync('/dev/null');
try { for (;;) openSync('/dev/null'); } catch {}
const launch = { file: '/bin/cat', args: [], options: { cwd: '/', env: {} }, announcesPid: true };
const sandboxed = new SandboxedProcess(launch, input, () => undefined);
sandboxed.stop();
Promise.allSettled([sandboxed.pid(), sandboxed.run()]).then((ends) => {
  for (const { reason } of ends) console.log(reason.constructor.name + ': ' + reason.message);
});
`;

describe('SandboxedProcess', () => {
  it.each([true, false])('tells that its file is missing (announces its pid: %j)', async (announcesPid) => {
    const input = await openNothing();
    const sandboxed = new SandboxedProcess({ ...MISSING, announcesPid }, input.fd, () => undefined);
    await expect(sandboxed.pid()).rejects.toThrow(EngineFault);
    await expect(sandboxed.run()).rejects.toThrow(/could not be started: .*ENOENT/);
    sandboxed.stop();
    await sandboxed.gone();
    await input.close();
  });

  it('outlives a lack of descriptors', async () => {
    const script = ['-e', WITHOUT_DESCRIPTORS, join(__dirname, 'sandboxed-process.ts')];
    const { stdout } = await promisify(execFile)('prlimit', ['--nofile=64', process.execPath, ...script]);
    const fault = 'EngineFault: The sandbox could not be started: spawn /bin/cat EMFILE\n';
    expect(stdout).toBe(fault + fault);
  });
});
