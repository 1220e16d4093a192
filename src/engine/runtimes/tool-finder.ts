/** Finds the executables of runtimes, and what must be visible in a sandbox for them to work. */
import { realpathSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Runtime } from './runtime';

/** One choice of executables for a runtime; whether it works is for a trial to tell. */
export interface Toolset {
  readonly tools: Readonly<Record<string, string>>;
  /** Directories outside the system's own that must be visible. */
  readonly toolchains: readonly string[];
  /** Those of them that a run needs. */
  readonly runToolchains: readonly string[];
}

/** Directories that every sandbox shows. */
const SYSTEM = /^\/(usr|bin|sbin|lib|lib32|lib64|etc\/alternatives)\//;

export class ToolFinder {
  /** @param modules the directory of Node packages that tools named `package:path` are in */
  constructor(
    private readonly searchPath: readonly string[],
    private readonly modules: string,
  ) {}

  /** The toolsets that exist, the best first. */
  find(runtime: Runtime): Toolset[] {
    const candidates = Object.entries(runtime.tools).map(([name, wanted]) => ({
      name,
      paths: this.pathsOf(wanted),
    }));
    if (candidates.some(({ paths }) => paths.length === 0)) return [];
    const attempts = Math.max(...candidates.map(({ paths }) => paths.length));
    return Array.from({ length: attempts }, (_, attempt) =>
      toolsetOf(
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

function toolsetOf(entries: readonly (readonly [string, string])[], runTools?: readonly string[]): Toolset {
  const tools: Record<string, string> = {};
  const toolchains = new Set<string>();
  const runToolchains = new Set<string>();
  for (const [name, path] of entries) {
    const real = realpathSync(path);
    // The name may matter to a program that is called by it, so it is kept where the sandbox has it.
    tools[name] = SYSTEM.test(path) && SYSTEM.test(real) ? path : real;
    if (SYSTEM.test(real)) continue;
    toolchains.add(toolchainOf(real));
    if (runTools?.includes(name) ?? true) runToolchains.add(toolchainOf(real));
  }
  return { tools, toolchains: [...toolchains], runToolchains: [...runToolchains] };
}

/**
 * Programs would see more than a toolchain: everything, somebody's home, or this service with its data. An executable
 * in `~/bin` is of that kind.
 */
const isTooWide = (directory: string): boolean =>
  [...home(), process.cwd(), __dirname].some((inside) => `${inside}/`.startsWith(join(directory, '/')));

/** None for a user that the system does not know, as many containers have. */
function home(): string[] {
  try {
    return [homedir()];
  } catch {
    return [];
  }
}

/** `{prefix}/bin/tool` needs its prefix; a file of a Node package needs the directory of all of them. */
function toolchainOf(path: string): string {
  const modules = path.lastIndexOf('/node_modules');
  return modules >= 0 ? path.slice(0, modules + '/node_modules'.length) : dirname(dirname(path));
}
