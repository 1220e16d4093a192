// Tests docker-compose.yml as it is, with whatever Docker is there: brings it up with one gateway and with two, restarts its
// containers in the middle of runs, and takes it down again. The end-to-end suites run against two gateways, from outside.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Of the paths of suites. */
const SUITES = {
  endToEnd: 'test/[^/]+$',
  containers: 'test/compose/(?!restarts)',
  restarts: 'test/compose/restarts',
};
const BUCKET = 'service-server-test';
const JEST = [join(ROOT, 'node_modules/jest/bin/jest.js'), '--config', 'jest.compose.config.js'];

const say = (text) => console.log(`compose: ${text}`);
let child;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
    child?.kill(signal);
  });
}

/** @returns what it printed, where that is captured */
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

async function timed(what, act) {
  if (stopped) throw new Error('stopped');
  const begun = performance.now();
  const result = await act();
  say(`${what} took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

async function checkDocker() {
  const works = (args) => run('docker', args, { capture: true }).catch(() => undefined);
  const version = await works(['compose', 'version', '--short']);
  if (/^v?[2-9]/.test(version ?? '') && (await works(['info'])) !== undefined) return;
  say('Docker with Compose v2 is needed, and a daemon that answers; there is none here.');
  process.exit(1);
}

/** The port itself where it is free, else any that is. */
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

/** Of each gateway besides the balancer's; another one after each start. */
async function gatewayUrls(count) {
  const indices = Array.from({ length: count }, (_, index) => `${index + 1}`);
  const urls = [];
  for (const index of indices) {
    urls.push(`http://${await compose(['port', '--index', index, 'gateway', '8000'], { capture: true })}`);
  }
  return urls;
}

/** What suites need to know of the service, and of its storage behind it. */
async function targetOf(count, url) {
  return {
    TARGET_URLS: [url, ...(await gatewayUrls(count))].join(','),
    TARGET_BUCKET: BUCKET,
    AWS_TEST_S3_URL: `http://127.0.0.1:${process.env.LOCALSTACK_PORT}`,
    // The emulator takes any.
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
  const env = await targetOf(count, url);
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
  say(error.message);
  await compose(['ps', '--all']).catch(() => undefined);
  await compose(['logs', '--no-color', '--tail', '20']).catch(() => undefined);
} finally {
  await down();
}
