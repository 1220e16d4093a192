import { Injectable } from '@nestjs/common';
import type { Language } from '../engine-contract/language';
import { unsupportedLanguageProblem } from '../common/problems/unsupported-language.problem';
import { LanguageCatalogue } from './language.catalogue';

/** Finds languages by id or alias. */
@Injectable()
export class LanguagesService {
  constructor(private readonly catalogue: LanguageCatalogue) {}

  /** @param name an id or an alias, in any case */
  async find(name: string): Promise<Language | undefined> {
    const wanted = name.toLowerCase();
    const languages = await this.catalogue.list();
    return languages.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
  }

  /** @throws ProblemException `unsupported-language`, which lists the available languages */
  async getAvailable(name: string): Promise<Language> {
    const language = await this.find(name);
    if (language?.available) return language;
    throw unsupportedLanguageProblem(language, await this.catalogue.list());
  }
}
