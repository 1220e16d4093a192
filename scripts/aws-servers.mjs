// Servers for the tests of the AWS adapters: installs them under node_modules/.cache, starts and stops them.
// DynamoDB is MiniStack's, S3, SQS and IAM are moto's; docs/testing.md lists how they differ from AWS.
// `node scripts/aws-servers.mjs` starts them and prints their addresses; they run until its standard input closes.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = join(ROOT, 'test/aws/servers');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');
const CACHE = join(ROOT, 'node_modules/.cache/aws-servers');
const PYTHON_PACKAGES = join(CACHE, 'python');
const MARKER = join(CACHE, '.installed');
const LISTENS = /^listens on (\S+)$/;
/** Last lines of standard error that are shown when a server exits before it listens. */
const LINES_SHOWN = 40;
let python;

/** Downloads the packages if they are missing or of another version. */
export function installServers(log = console.log) {
  const wanted = fingerprint();
  if (existsSync(MARKER) && readFileSync(MARKER, 'utf8') === wanted) return;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  log('downloading MiniStack, moto and cfn-lint with pip');
  const options = ['--disable-pip-version-check', '--no-deps', '--target', PYTHON_PACKAGES];
  try {
    const args = ['-m', 'pip', 'install', ...options, '-r', REQUIREMENTS];
    execFileSync(findPython(), args, { stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`, { cause: error });
  }
  writeFileSync(MARKER, wanted);
}

/** @returns their addresses, and `stop`; the servers exit on their own when this process exits, for whatever reason */
export async function startServers() {
  const servers = await Promise.allSettled([startDynamo(), startMoto()]);
  const started = servers.flatMap(({ value }) => value ?? []);
  const stop = () => Promise.all(started.map((server) => server.stop())).then(() => undefined);
  const failed = servers.find(({ status }) => status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [dynamo, moto] = started;
  return { dynamoUrl: dynamo.url, s3Url: moto.url, sqsUrl: moto.url, stop };
}

/** Starts one moto server: S3, SQS, DynamoDB and IAM at one address. */
export const startMoto = () => start('moto_server.py');

const startDynamo = () => start('ministack_server.py');

/** The interpreter that runs cfn-lint and reads templates, and the value of PYTHONPATH that it needs. */
export const toolPaths = () => ({ python: findPython(), pythonPackages: PYTHON_PACKAGES });

/** Waits for the line with the address. The server exits when its standard input, a pipe from this process, closes. */
async function start(script) {
  const child = spawn(findPython(), [join(SOURCE, script)], {
    cwd: CACHE,
    env: { ...process.env, PYTHONPATH: PYTHON_PACKAGES },
    stdio: 'pipe',
  });
  const lines = [];
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > LINES_SHOWN) lines.shift();
  });
  const closed = once(child, 'close');
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = LISTENS.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    closed.then(
      () => reject(new Error([`${script} exited before it listened:`, ...lines].join('\n'))),
      (error) => reject(error),
    );
  });
  const stop = async () => {
    child.stdin.end();
    await closed;
  };
  return { url, stop };
}

/** The first interpreter that has pip; it also runs the packages that it installs. */
function findPython() {
  python ??= ['/usr/bin/python3', ...pythonsInPath()].find((path) => existsSync(path) && hasPip(path));
  if (python === undefined) throw new Error('There is no python3 with pip: run node scripts/prepare.mjs aws');
  return python;
}

const pythonsInPath = () =>
  (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'python3'));

function hasPip(path) {
  try {
    execFileSync(path, ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Includes the version of Python, because compiled packages work with one version only. */
function fingerprint() {
  const version = execFileSync(findPython(), ['--version'], { encoding: 'utf8' });
  const parts = [readFileSync(REQUIREMENTS), findPython(), version];
  return parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installServers();
  const { dynamoUrl, s3Url, sqsUrl, stop } = await startServers();
  console.log(`DynamoDB listens on ${dynamoUrl}\nS3 listens on ${s3Url}\nSQS listens on ${sqsUrl}`);
  process.stdin.resume().once('end', () => void stop());
}
