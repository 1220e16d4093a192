import type { Language } from '../engine-contract/language';

/** Port to the languages that the engine can execute. */
export abstract class LanguageCatalogue {
  /** @throws ProblemException `engine-unavailable` if the languages are not known at the moment */
  abstract list(): Promise<readonly Language[]>;
}
