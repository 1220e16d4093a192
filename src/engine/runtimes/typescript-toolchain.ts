import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The compiler, and the type declarations of Node with their dependency. */
const PACKAGES = ['typescript', '@types/node', 'undici-types'] as const;
const COMPILER_FILES = /^(_?tsc\.js|lib(\.\S+)?\.d\.ts|package\.json)$/;

/**
 * Copies the TypeScript compiler from the dependencies of this service into the working directory, where sandboxes can
 * see it. Does nothing if these versions are there already.
 * @returns the `node_modules` directory of the copy
 */
export async function installTypeScriptToolchain(workDir: string): Promise<string> {
  const sources = PACKAGES.map((name) => ({
    name,
    directory: dirname(require.resolve(`${name}/package.json`)),
  }));
  const versions = await Promise.all(sources.map(({ directory }) => readVersion(directory)));
  const target = join(workDir, 'toolchains', `typescript-${versions.join('-')}`);
  const modules = join(target, 'node_modules');
  if (await exists(modules)) return modules;
  // Files that are left of an incomplete copy would make the rename fail.
  await rm(target, { recursive: true, force: true });
  const partial = `${target}.${process.pid.toString()}`;
  for (const { name, directory } of sources) {
    const to = join(partial, 'node_modules', name);
    await mkdir(dirname(to), { recursive: true });
    await cp(directory, to, {
      recursive: true,
      filter: name === 'typescript' ? isNeeded(directory) : () => true,
    });
  }
  try {
    await rename(partial, target);
  } catch (error) {
    // Another engine may have installed it in the meantime.
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(modules))) throw error;
  }
  return modules;
}

async function readVersion(directory: string): Promise<string> {
  return (JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string }).version;
}

const isNeeded =
  (root: string) =>
  (path: string): boolean =>
    path === root || path === join(root, 'lib') || COMPILER_FILES.test(basename(path));

/** Installs the toolchain again after some of its files were removed. */
export async function restoreTypeScriptToolchain(workDir: string, modules: string): Promise<void> {
  await rm(modules, { recursive: true, force: true });
  await installTypeScriptToolchain(workDir);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
