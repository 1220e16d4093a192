/** The problem of a language that cannot be executed here, with those that can. */
import type { Language } from '../../engine-contract/language';
import { ProblemException } from './problem.exception';

/** @param found the language, when it is known at all */
export function unsupportedLanguageProblem(
  found: Language | undefined,
  all: readonly Language[],
): ProblemException {
  const available = all.filter((language) => language.available).map(({ id }) => id);
  const reason = found ? `${found.name} is not installed here` : 'The language is not known';
  const list = available.length > 0 ? available.join(', ') : 'none';
  return new ProblemException('unsupported-language', `${reason}. Available are: ${list}.`);
}
