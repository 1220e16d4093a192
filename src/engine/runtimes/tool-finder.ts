import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Runtime } from './runtime';

/** One combination of executables for a runtime. Only a trial in the sandbox shows whether it works. */
export interface Toolset {
  readonly tools: Readonly<Record<string, string>>;
  /** Directories that a sandbox must show for the tools to work, besides those of the system. */
  readonly toolchains: readonly string[];
  /** Those of `toolchains` that a run needs. */
  readonly runToolchains: readonly string[];
}

/** Directories that every sandbox shows. */
const SYSTEM = /^\/(usr|bin|sbin|lib|lib32|lib64|etc\/alternatives)\//;

/** Finds the executables of runtimes, and the directories that a sandbox must show for them to work. */
export class ToolFinder {
  /** @param modules the directory of the Node packages for tools named `package:path` */
  constructor(
    private readonly searchPath: readonly string[],
    private readonly modules: string,
  ) {}

  /** The existing toolsets, the preferred one first. */
  find(runtime: Runtime): Toolset[] {
    const candidates = Object.entries(runtime.tools).map(([name, wanted]) => ({
      name,
      paths: this.pathsOf(wanted),
    }));
    if (candidates.some(({ paths }) => paths.length === 0)) return [];
    const attempts = Math.max(...candidates.map(({ paths }) => paths.length));
    return Array.from({ length: attempts }, (_, attempt) =>
      createToolset(
        candidates.map(
          ({ name, paths }) => [name, paths[Math.min(attempt, paths.length - 1)] ?? ''] as const,
        ),
        runtime.runTools,
      ),
    ).filter(({ toolchains }) => !toolchains.some(isTooWide));
  }

  private pathsOf(wanted: readonly string[]): string[] {
    return wanted
      .flatMap((name) => {
        const [module = '', path] = name.split(':');
        if (path !== undefined) return [join(this.modules, module, path)];
        return this.searchPath.map((directory) => join(directory, name));
      })
      .filter((path) => existsSync(path));
  }
}

function createToolset(
  entries: readonly (readonly [string, string])[],
  runTools?: readonly string[],
): Toolset {
  const tools: Record<string, string> = {};
  const toolchains = new Set<string>();
  const runToolchains = new Set<string>();
  for (const [name, path] of entries) {
    const real = realpathSync(path);
    // Some programs behave according to the name by which they are called, so it is kept if the sandbox has it.
    tools[name] = SYSTEM.test(path) && SYSTEM.test(real) ? path : real;
    if (SYSTEM.test(real)) continue;
    toolchains.add(toolchainOf(real));
    if (runTools?.includes(name) ?? true) runToolchains.add(toolchainOf(real));
  }
  return { tools, toolchains: [...toolchains], runToolchains: [...runToolchains] };
}

/**
 * Whether showing the directory would show a program more than a toolchain: the whole file system, a home directory, or
 * this service with its data. This is the case for an executable in `~/bin`.
 */
const isTooWide = (directory: string): boolean =>
  [...findHome(), process.cwd(), __dirname].some((inside) => `${inside}/`.startsWith(join(directory, '/')));

/** Empty for a user without an entry in the system's user database, which is common in containers. */
function findHome(): string[] {
  try {
    return [homedir()];
  } catch {
    return [];
  }
}

/** The prefix for `{prefix}/bin/tool`; the `node_modules` directory for a file of a Node package. */
function toolchainOf(path: string): string {
  const modules = path.lastIndexOf('/node_modules');
  return modules >= 0 ? path.slice(0, modules + '/node_modules'.length) : dirname(dirname(path));
}
