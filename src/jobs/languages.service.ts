import { Injectable } from '@nestjs/common';
import type { Language } from '../engine-contract/language';
import { unsupportedLanguageProblem } from '../common/problems/unsupported-language.problem';
import { LanguageCatalog } from './language.catalog';

/** Finds languages by id or alias. */
@Injectable()
export class LanguagesService {
  constructor(private readonly catalog: LanguageCatalog) {}

  /** @param name an id or an alias, in any case */
  async find(name: string): Promise<Language | undefined> {
    const wanted = name.toLowerCase();
    const languages = await this.catalog.list();
    return languages.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
  }

  /** @throws ProblemException `unsupported-language`, which lists the available languages */
  async getAvailable(name: string): Promise<Language> {
    const language = await this.find(name);
    if (language?.available) return language;
    throw unsupportedLanguageProblem(language, await this.catalog.list());
  }
}
