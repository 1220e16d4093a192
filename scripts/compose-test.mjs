// Tests docker-compose.yml with the Docker engine of this machine: starts the stack with one gateway and with two, restarts
// containers during executions, and removes the stack. The end-to-end suites run from outside against two gateways.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Patterns of the suites' paths. */
const SUITES = {
  endToEnd: 'test/[^/]+$',
  containers: 'test/compose/(?!restarts)',
  restarts: 'test/compose/restarts',
};
const BUCKET = 'service-server-test';
const JEST = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--config', 'jest.compose.config.js'];

const log = (text) => console.log(`compose: ${text}`);
let child;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
    child?.kill(signal);
  });
}

/** @returns the output if it is captured */
async function run(file, args, { env = {}, capture = false } = {}) {
  child = spawn(file, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  const code = await once(child, 'close').then(
    ([status]) => status,
    () => -1,
  );
  if (code !== 0) throw new Error(`${[file, ...args].join(' ')} failed`);
  return output.trim();
}

const compose = (args, options) => run('docker', ['compose', ...args], options);

async function timed(what, action) {
  if (stopped) throw new Error('stopped');
  const startedAt = performance.now();
  const result = await action();
  log(`${what} took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

async function checkDocker() {
  const works = (args) => run('docker', args, { capture: true }).catch(() => undefined);
  const version = await works(['compose', 'version', '--short']);
  if (/^v?[2-9]/.test(version ?? '') && (await works(['info'])) !== undefined) return;
  log('A running Docker engine with Compose v2 is needed.');
  process.exit(1);
}

/** @returns the wanted port if it is free, otherwise any free port */
async function freePort(wanted) {
  const server = createServer();
  const listening = once(server, 'listening');
  server.listen(wanted, '127.0.0.1');
  try {
    await listening;
  } catch {
    return freePort(0);
  }
  const { port } = server.address();
  server.close();
  return port;
}

/** @returns the address of each gateway, which changes with each start of its container */
async function gatewayUrls(count) {
  const indices = Array.from({ length: count }, (_, index) => `${index + 1}`);
  const urls = [];
  for (const index of indices) {
    urls.push(`http://${await compose(['port', '--index', index, 'gateway', '8000'], { capture: true })}`);
  }
  return urls;
}

/** @returns the environment of the suites: addresses of the service and of its storage */
async function targetEnvironment(count, url) {
  return {
    TARGET_URLS: [url, ...(await gatewayUrls(count))].join(','),
    TARGET_BUCKET: BUCKET,
    AWS_TEST_S3_URL: `http://127.0.0.1:${process.env.LOCALSTACK_PORT}`,
    // The emulator accepts any credentials.
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/** @param suites names of SUITES, run in this order */
async function test(count, url, suites) {
  await timed(`up with ${count} gateway(s)`, () =>
    compose(['up', '--build', '--wait', '--scale', `gateway=${count}`]),
  );
  const env = await targetEnvironment(count, url);
  for (const name of suites) await timed(name, () => run(process.execPath, [...JEST, SUITES[name]], { env }));
}

await checkDocker();
const port = await freePort(8000);
const url = `http://localhost:${port}`;
Object.assign(process.env, {
  COMPOSE_PROJECT_NAME: 'service-server-test',
  GATEWAY_PORT: `${port}`,
  LOCALSTACK_PORT: `${await freePort(4566)}`,
  PUBLIC_URL: url,
  AWS_S3_BUCKET: BUCKET,
});
const down = () => compose(['down', '--volumes', '--remove-orphans']);
try {
  await down();
  await timed('the build', () => compose(['build']));
  await test(1, url, ['containers', 'restarts']);
  await test(2, url, ['endToEnd', 'containers', 'restarts']);
} catch (error) {
  process.exitCode = 1;
  log(error.message);
  await compose(['ps', '--all']).catch(() => undefined);
  await compose(['logs', '--no-color', '--tail', '20']).catch(() => undefined);
} finally {
  await down();
}
