import { existsSync } from 'node:fs';
import type { Logger } from '@nestjs/common';
import type { Language } from '../../engine-contract/language';
import debianPackages from './debian-packages.json';

/** The Debian packages of each language that a package installs, by its id. */
const PACKAGES: Readonly<Partial<Record<string, string>>> = debianPackages;
const APT_GET = '/usr/bin/apt-get';

export interface EngineReport {
  /** `embedded`, or where the engine is. */
  readonly name: string;
  readonly isolation: string;
  readonly accounting: string | null;
  /** Programs at a time; undefined when the engine is another process. */
  readonly slots?: number | undefined;
  readonly languages: readonly Language[];
}

/** Logs what the engine runs programs in, which languages it has, and how to install the others. */
export function logEngineReport(logger: Logger, engine: EngineReport): void {
  const details = [
    ...(engine.slots === undefined ? [] : [`${engine.slots.toString()} slots`]),
    `sandbox: ${engine.isolation}`,
    ...(engine.accounting === null ? [] : [`resource accounting: ${engine.accounting}`]),
  ];
  const line = `engine: ${engine.name} (${details.join(', ')})`;
  if (engine.isolation === 'bubblewrap') logger.log(line);
  else logger.warn(line);
  logLanguages(logger, engine.languages);
}

function logLanguages(logger: Logger, languages: readonly Language[]): void {
  const available = languages.filter((language) => language.available);
  const missing = languages.filter((language) => !language.available);
  if (available.length === 0) {
    logger.warn('languages: none is available');
    return;
  }
  logger.log(`languages: ${available.map(({ name, version }) => `${name} ${version ?? ''}`).join(', ')}`);
  if (missing.length === 0) return;
  const packages = missing.flatMap(({ id }) => PACKAGES[id] ?? []);
  const hint =
    existsSync(APT_GET) && packages.length > 0
      ? `; install with: sudo apt-get install -y ${packages.join(' ')}`
      : '';
  logger.log(`languages that are not installed: ${missing.map(({ name }) => name).join(', ')}${hint}`);
}
