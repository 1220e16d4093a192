import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  readonly page: Page;
  readonly close: () => Promise<void>;
}

/** Starts Chromium with a new profile. */
export async function openBrowser(): Promise<Browser> {
  const directory = await mkdtemp(join(tmpdir(), 'service-server-chromium-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(directory, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
    });
    return {
      page: context.pages()[0] ?? (await context.newPage()),
      close: async () => {
        await context.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
