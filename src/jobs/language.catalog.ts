/** The port to whoever knows which languages can be executed. */
import type { Language } from '../engine-contract/language';

export abstract class LanguageCatalog {
  /** @throws ProblemException `engine-unavailable` when nobody can tell */
  abstract list(): Promise<readonly Language[]>;
}
