/** `npm start` and `npm run start:engine` as an operator runs them: a signal to npm must reach the server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Api } from '../support/api';
import { ENGINE_WORK_DIR } from '../support/applications';
import { findProcesses } from '../support/processes';
import { createTemporaryDirectory } from '../support/temporary-directory';

const ROOT = join(__dirname, '../..');
const SCRIPTS = ['start', 'start:engine'] as const;
const GRACE_MS = '20000';

interface NpmProcess {
  readonly pid: number;
  readonly api: Api;
  readonly lines: readonly string[];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const { pid } of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

/** Starts the script in a process group of its own and waits until the server listens. */
async function startWithNpm(script: (typeof SCRIPTS)[number]): Promise<NpmProcess> {
  // Without the pre-scripts, which `npm test` has run: a second build would replace `dist` under the other tests.
  const child = spawn('npm', ['run', script, '--ignore-scripts'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: createTemporaryDirectory(),
      ENGINE_WORK_DIR,
      SERVER_PORT: '0',
      ENGINE_PORT: '0',
      SHUTDOWN_GRACE: GRACE_MS,
    },
  });
  children.add(child);
  const exited = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const found = /listens on (http:\/\/\S+?)"/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    void exited.then(({ code }) => {
      reject(new Error(`npm exited with ${String(code)}:\n${lines.join('\n')}`));
    });
  });
  return { pid: child.pid ?? 0, api: new Api(url), lines, exited };
}

/** Starts a program of one second and resolves once it runs, with the promise of what it printed. */
async function startProgram(
  api: Api,
  script: (typeof SCRIPTS)[number],
): Promise<{ stdout: Promise<string> }> {
  const marker = `1.0${process.pid.toString()}${Date.now().toString()}`;
  const code = `sleep ${marker}; echo done`;
  const execution =
    script === 'start'
      ? api.upload('bash', code).then((jobId) => api.execute(jobId))
      : api
          .post<{ stdout: string }>('/execute', { job_id: 'a-job', language: 'bash', code })
          .then(({ body }) => body);
  const health = script === 'start' ? '/api/health/live' : '/health';
  while (findProcesses(marker).length === 0) await api.get(health);
  return { stdout: execution.then(({ stdout }) => String(stdout)) };
}

/** Fails when a process still listens there. */
async function expectPortIsFree({ url }: Api): Promise<void> {
  const { hostname, port } = new URL(url);
  const server = createServer().listen(Number(port), hostname);
  await once(server, 'listening');
  server.close();
}

function expectReadableStart(lines: readonly string[]): void {
  const output = lines.join('\n');
  for (const text of ['listens on', 'documentation: ', 'engine: ', 'languages: ']) {
    expect(output).toContain(text);
  }
  expect(output).not.toMatch(/RouterExplorer|InstanceLoader/);
  expect(lines.length).toBeLessThan(20);
}

describe.each(SCRIPTS)('npm run %s', (script) => {
  it.each([
    ['SIGTERM to npm', (npm: number) => process.kill(npm, 'SIGTERM')],
    ['Ctrl-C, which signals npm, the server and its children', (npm: number) => process.kill(-npm, 'SIGINT')],
  ])(
    'on %s lets a running execution finish, exits with 0 and releases the port',
    async (_name, stop) => {
      const server = await startWithNpm(script);
      const { stdout } = await startProgram(server.api, script);
      expectReadableStart(server.lines);
      stop(server.pid);
      expect(await stdout).toBe('done\n');
      expect(await server.exited).toEqual({ code: 0, signal: null });
      await expectPortIsFree(server.api);
    },
    60_000,
  );
});
