import type { Language } from '../../engine-contract/language';
import { ProblemException } from './problem.exception';

/** @param found the requested language; undefined when no language has this name */
export function unsupportedLanguageProblem(
  found: Language | undefined,
  all: readonly Language[],
): ProblemException {
  const available = all.filter((language) => language.available).map(({ id }) => id);
  const reason = found ? `${found.name} is not installed on this server` : 'The language is unknown';
  const list = available.length > 0 ? available.join(', ') : 'none';
  return new ProblemException('unsupported-language', `${reason}. Available languages: ${list}.`);
}
