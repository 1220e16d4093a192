import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Api } from './api';
import { ENGINE_WORK_DIR } from './gateway';

const DIST = join(__dirname, '../../dist');
const LISTENS = /listens on (http:\/\/\S+?)"/;

/** Makes the server exit with this process, even if this one is killed: its standard input is a pipe that closes then. */
const END_WITH_PARENT = `data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread) process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL')).unref();
`)}`;

const children = new Set<ChildProcess>();
// A failing test must not leave servers behind.
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

type Environment = Readonly<Record<string, string>>;

export interface ServerProcess {
  readonly api: Api;
  readonly pid: number;
  /** All lines that it has printed so far. */
  readonly lines: readonly string[];
  /** Sends the signal and waits for the process to exit. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts the built service and waits until it listens. @throws Error with its output if it exits instead */
export async function startServer(environment: Environment, main = 'main.js'): Promise<ServerProcess> {
  const { child, lines, ended } = launch(environment, main);
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      lines.push(line);
      const found = LISTENS.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(({ code }) => {
      reject(new Error(`The server ended with ${String(code)}:\n${lines.join('\n')}`));
    });
  });
  return {
    api: new Api(url),
    pid: child.pid ?? 0,
    lines,
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Starts the built service with settings that prevent its start. @returns its exit code and error output */
export async function startAndFail(
  environment: Environment,
): Promise<{ code: number | null; output: string }> {
  const { child, ended, errors } = launch(environment, 'main.js');
  child.stdout?.resume();
  const { code } = await ended;
  return { code, output: errors.join('') };
}

function launch(environment: Environment, main: string) {
  const script = join(DIST, main);
  if (!existsSync(script)) throw new Error('There is no build: run the tests with npm test');
  const child: ChildProcess = spawn(process.execPath, ['--import', END_WITH_PARENT, script], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      SERVER_PORT: '0',
      ENGINE_PORT: '0',
      ENGINE_WORK_DIR,
      ...environment,
    },
  });
  children.add(child);
  const lines: string[] = [];
  const errors: string[] = [];
  child.stderr?.on('data', (data: Buffer) => {
    errors.push(data.toString());
    lines.push(data.toString());
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  return { child, lines, errors, ended };
}
