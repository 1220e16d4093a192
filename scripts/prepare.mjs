// Prepares a clone with Node's built-in modules only: `start` prepares running, `test` also the tests, and `aws` also the
// tests of the AWS adapters. Installs packages from the lockfile, builds when the source has changed since the last build,
// and checks for required programs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const NODE_MIN = [20, 19];
/** Alternative executables and the Debian packages that contain them. */
const FOR_START = [
  [['bwrap'], 'bubblewrap'],
  [['perl'], 'perl-base'],
];
const FOR_TEST = [
  ...FOR_START,
  [['chromium'], 'chromium'],
  [['python3'], 'python3'],
  [['javac'], 'default-jdk-headless'],
  [['gcc'], 'gcc libc6-dev'],
  [['g++'], 'g++'],
  [['go'], 'golang-go'],
  [['rustc'], 'rustc'],
  [['ruby'], 'ruby'],
  [['php'], 'php-cli'],
  [['lua', 'lua5.4', 'lua5.3'], 'lua5.4'],
];
const FOR_AWS = [...FOR_TEST, [['pip3'], 'python3-pip']];
const USUAL_PATH = ['/usr/local/go/bin', '/usr/local/bin', '/usr/bin', '/bin'];

const log = (text) => console.log(`prepare: ${text}`);
const isRoot = process.getuid?.() === 0;

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  log(`Node ${NODE_MIN.join('.')} or later is needed; this is ${process.versions.node}`);
  process.exit(1);
}

function installPackages() {
  const marker = join(ROOT, 'node_modules/.installed');
  const expected = hash(readFileSync(join(ROOT, 'package-lock.json')));
  if (read(marker) === expected) return;
  log('installing packages from the lockfile');
  // npm sets npm_execpath for the scripts that it runs. No dependency needs an install script.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm?.endsWith('.js')) run(process.execPath, [npm, ...args]);
  else run('npm', args);
  writeFileSync(marker, expected);
}

function build() {
  const marker = join(ROOT, 'dist/.built-from');
  const expected = fingerprint([
    'src',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'nest-cli.json',
  ]);
  if (read(marker) === expected) return;
  log('building');
  run(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build']);
  writeFileSync(marker, expected);
}

/** Unlike modification times, a fingerprint also detects deleted files. */
function fingerprint(paths) {
  const files = paths.flatMap((path) => {
    const stat = statSync(join(ROOT, path));
    if (!stat.isDirectory()) return [path];
    const entries = readdirSync(join(ROOT, path), { recursive: true });
    return entries.map((entry) => join(path, entry)).filter((entry) => statSync(join(ROOT, entry)).isFile());
  });
  return hash(
    files
      .sort()
      .map((file) => `${file} ${hash(readFileSync(join(ROOT, file)))}`)
      .join('\n'),
  );
}

/** @returns whether all programs are installed afterwards */
function installPrograms(programs) {
  const missing = programs.filter(([names]) => !names.some(isInstalled));
  if (missing.length === 0) return true;
  const packages = missing.flatMap(([, names]) => names.split(' '));
  const list = missing.map(([[name]]) => name).join(', ');
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    log(`missing ${list}: installing ${packages.join(' ')} with apt-get`);
    return aptInstall(packages);
  }
  const apt = `apt-get install -y ${packages.join(' ')}`;
  const known = JSON.parse(readFileSync(join(ROOT, 'src/engine/sandbox/install-commands.json'), 'utf8'));
  const manager = known.find((entry) => existsSync(entry.manager));
  const command =
    manager === undefined || manager.command.startsWith('apt-get') || programs !== FOR_START
      ? apt
      : manager.command;
  log(`missing ${list}: install with: sudo ${command}`);
  return false;
}

/** The user of the sandboxes cannot access toolchains in root's PATH, so only system directories count for root. */
function isInstalled(name) {
  const path = isRoot ? USUAL_PATH : [...(process.env.PATH ?? '').split(delimiter), ...USUAL_PATH];
  return path.some((directory) => existsSync(join(directory, name)));
}

function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      stdio: 'ignore',
    });
    return true;
  } catch {
    log(`apt-get could not install ${packages.join(' ')}`);
    return false;
  }
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const hash = (data) => createHash('sha256').update(data).digest('hex');

function run(file, args) {
  try {
    execFileSync(file, args, { cwd: ROOT, stdio: 'inherit' });
  } catch (error) {
    process.exit(error.status ?? 1);
  }
}

const purpose = process.argv[2];
const programs = { test: FOR_TEST, aws: FOR_AWS }[purpose] ?? FOR_START;
checkNode();
installPackages();
build();
// The service starts without a sandbox and reports it. The tests need all programs.
if (!installPrograms(programs) && programs !== FOR_START) process.exit(1);
if (programs === FOR_AWS) (await import('./aws-servers.mjs')).installServers(log);
