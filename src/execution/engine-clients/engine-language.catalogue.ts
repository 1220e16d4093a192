import { Injectable } from '@nestjs/common';
import type { Language } from '../../engine-contract/language';
import { LanguageCatalogue } from '../../jobs/language.catalogue';
import { EngineClient } from './engine.client';

/** Milliseconds after which the list is fetched again, because an engine with other languages may have replaced this one. */
const CACHE_MS = 30_000;

/** Caches the languages of the engine, so that an upload neither waits for the engine nor depends on it. */
@Injectable()
export class EngineLanguageCatalogue extends LanguageCatalogue {
  private cached: readonly Language[] | undefined;
  /** Milliseconds of `performance.now()`. */
  private fetchedAt = -Infinity;

  constructor(private readonly engine: EngineClient) {
    super();
  }

  /** @throws ProblemException when the engine fails and no list was fetched before */
  async list(): Promise<readonly Language[]> {
    const isFresh = performance.now() - this.fetchedAt < CACHE_MS;
    if (this.cached && isFresh) return this.cached;
    try {
      this.cached = await this.engine.languages();
      this.fetchedAt = performance.now();
    } catch (error) {
      if (!this.cached) throw error;
    }
    return this.cached;
  }
}
