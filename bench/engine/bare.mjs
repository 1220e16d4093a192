import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY_MB = 256;
/** As in a sandbox. Variables of the caller may slow an interpreter down (NODE_EXTRA_CA_CERTS by 30 ms). */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', TZ: 'UTC' };

/** A program that is started without isolation, with the same command that the engine uses. */
export class BareProgram {
  constructor(language, code, { runtime, tools }) {
    this.app = mkdtempSync(join(tmpdir(), 'service-server-bench-'));
    const source = join(this.app, runtime.fileName?.(code) ?? `main.${runtime.extension}`);
    writeFileSync(source, code);
    const context = { app: this.app, source, tools, memoryMb: MEMORY_MB, code };
    const [compiler, ...options] = runtime.compile?.(context) ?? [];
    if (compiler) execFileSync(compiler, options, { cwd: this.app });
    this.command = runtime.run(context);
  }

  async start() {
    const [file, ...options] = this.command;
    const child = spawn(file, options, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.resume();
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${file} exited with ${code}`);
  }

  remove() {
    rmSync(this.app, { recursive: true, force: true });
  }
}
