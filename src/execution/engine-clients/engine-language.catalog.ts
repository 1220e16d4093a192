/** The languages of the engine, remembered, so that an upload neither waits for the engine nor depends on it. */
import { Injectable } from '@nestjs/common';
import type { Language } from '../../engine-contract/language';
import { LanguageCatalog } from '../../jobs/language.catalog';
import { EngineClient } from './engine.client';

/** ms after which the engine is asked again: it may have been replaced by one with other languages. */
const FRESH_MS = 30_000;

@Injectable()
export class EngineLanguageCatalog extends LanguageCatalog {
  private known: readonly Language[] | undefined;
  private askedAt = -Infinity;

  constructor(private readonly engine: EngineClient) {
    super();
  }

  async list(): Promise<readonly Language[]> {
    const isFresh = performance.now() - this.askedAt < FRESH_MS;
    if (this.known && isFresh) return this.known;
    try {
      this.known = await this.engine.languages();
      this.askedAt = performance.now();
    } catch (error) {
      if (!this.known) throw error;
    }
    return this.known;
  }
}
