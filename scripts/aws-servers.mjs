// The servers that the tests of the AWS adapters run on: installs them under node_modules/.cache, starts and stops them.
// Alone, `node scripts/aws-servers.mjs` starts them and prints their addresses, until its standard input ends.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = join(ROOT, 'test/aws/servers');
const POM = join(SOURCE, 'pom.xml');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');
const CACHE = join(ROOT, 'node_modules/.cache/aws-servers');
const JARS = join(CACHE, 'jars');
const PYTHON_PACKAGES = join(CACHE, 'python');
const MARKER = join(CACHE, '.installed');
const LISTENS = /^listens on (\S+)$/;
/** Lines of a server's complaints that are shown when it ends early. */
const LINES_SHOWN = 40;
let foundPython;

/** Downloads what is missing or of another version; quick when all is there. */
export function installServers(say = console.log) {
  const python = findPython();
  const wanted = fingerprint(python);
  if (existsSync(MARKER) && readFileSync(MARKER, 'utf8') === wanted) return;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  say('fetching DynamoDB Local with Maven');
  const goals = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${JARS}`];
  fetchWith('mvn', ['-q', '-B', '-f', POM, ...goals]);
  say('fetching moto and cfn-lint with pip');
  const options = ['--disable-pip-version-check', '--no-deps', '--target', PYTHON_PACKAGES];
  fetchWith(python, ['-m', 'pip', 'install', ...options, '-r', REQUIREMENTS]);
  writeFileSync(MARKER, wanted);
}

/** Quiet, unless it fails. */
function fetchWith(file, args) {
  try {
    execFileSync(file, args, { stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ''}`, { cause: error });
  }
}

/** @returns their addresses, and `stop`; they end by themselves when this process does, however it ends */
export async function startServers() {
  const servers = await Promise.allSettled([startDynamo(), startMoto()]);
  const started = servers.flatMap(({ value }) => value ?? []);
  const stop = () => Promise.all(started.map((server) => server.stop())).then(() => undefined);
  const failed = servers.find(({ status }) => status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [dynamo, s3] = started;
  return { dynamoUrl: dynamo.url, s3Url: s3.url, sqsUrl: s3.url, stop };
}

/** Moto alone: S3, SQS, DynamoDB and IAM behind one address. */
export function startMoto() {
  return start(findPython(), [join(SOURCE, 's3_server.py')], { ...process.env, PYTHONPATH: PYTHON_PACKAGES });
}

/** What runs cfn-lint and reads templates: an interpreter, and the packages that PYTHONPATH shall name. */
export const toolPaths = () => ({ python: findPython(), pythonPackages: PYTHON_PACKAGES });

function startDynamo() {
  const memory = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const classes = [`-Djava.library.path=${JARS}`, '-cp', join(JARS, '*')];
  return start('java', [...memory, ...classes, join(SOURCE, 'DynamoServer.java')], process.env);
}

/** Waits for the line that tells where it listens. The end of its standard input, which is ours, ends it. */
async function start(file, args, env) {
  const child = spawn(file, args, { cwd: CACHE, env, stdio: 'pipe' });
  const lines = [];
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > LINES_SHOWN) lines.shift();
  });
  const ended = once(child, 'close');
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = LISTENS.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(
      () => reject(new Error([`${file} ended before it listened:`, ...lines].join('\n'))),
      (error) => reject(error),
    );
  });
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { url, stop };
}

/** The first one that has pip; the same one runs what it installs. */
function findPython() {
  foundPython ??= lookForPython();
  return foundPython;
}

function lookForPython() {
  const names = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'python3'));
  const found = ['/usr/bin/python3', ...names].find((name) => existsSync(name) && hasPip(name));
  if (found === undefined) throw new Error('There is no python3 with pip: run node scripts/prepare.mjs aws');
  return found;
}

function hasPip(python) {
  try {
    execFileSync(python, ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiled packages are for one version of Python. */
function fingerprint(python) {
  const version = execFileSync(python, ['--version'], { encoding: 'utf8' });
  const parts = [readFileSync(POM), readFileSync(REQUIREMENTS), python, version];
  return parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installServers();
  const { dynamoUrl, s3Url, sqsUrl, stop } = await startServers();
  console.log(`DynamoDB listens on ${dynamoUrl}\nS3 listens on ${s3Url}\nSQS listens on ${sqsUrl}`);
  process.stdin.resume().once('end', () => void stop());
}
