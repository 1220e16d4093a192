import type { Page } from 'playwright-core';
import type { Api } from './support/api';
import { BreakingProxy } from './support/breaking-proxy';
import { type Browser, openBrowser } from './support/browser';
import { type Gateway, startGateway } from './support/gateway';

interface Heard {
  readonly name: string;
  readonly id: string;
  readonly data: string;
}

/** What the page has received and displayed. */
interface Followed {
  readonly events: readonly Heard[];
  readonly shown: string;
  /** How often the browser has lost the connection, and comes again. */
  readonly breaks: number;
  readonly isClosed: boolean;
}

/** A page that displays output as it arrives and leaves broken connections to EventSource. */
const FOLLOW = `(path) => {
  const source = new EventSource(path);
  const shown = document.body.appendChild(document.createElement('pre'));
  const events = [];
  let breaks = 0;
  for (const name of ['status', 'stdout', 'stderr', 'result']) {
    source.addEventListener(name, ({ lastEventId: id, data }) => {
      events.push({ name, id, data });
      if (name.startsWith('std')) shown.textContent += JSON.parse(data).data;
    });
  }
  source.addEventListener('error', () => { breaks += 1; });
  window.look = () =>
    ({ events, breaks, shown: shown.textContent, isClosed: source.readyState === EventSource.CLOSED });
}`;

const look = (page: Page): Promise<Followed> => page.evaluate<Followed>('look()');

async function until(page: Page, isSo: (followed: Followed) => boolean): Promise<Followed> {
  for (;;) {
    const followed = await look(page);
    if (isSo(followed)) return followed;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('EventSource', () => {
  let gateway: Gateway;
  let api: Api;
  let proxy: BreakingProxy;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    gateway = await startGateway();
    api = gateway.api;
    proxy = await BreakingProxy.start(api.url);
    browser = await openBrowser();
    page = browser.page;
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await proxy.close();
    await gateway.close();
  });

  /** The page is of the service's own origin, behind the proxy. */
  async function open(code: string): Promise<{ jobId: string; path: string }> {
    const jobId = await api.upload('python', code);
    const path = `/api/jobs/${jobId}/events`;
    await page.goto(`${proxy.url}/problems`);
    await page.evaluate(`(${FOLLOW})(${JSON.stringify(path)})`);
    await until(page, ({ events }) => events.length > 0);
    return { jobId, path };
  }

  it('shows output while the program still runs, and does not reconnect after the result', async () => {
    const code =
      'import sys, time\nsys.stdout.write("first\\n")\ntime.sleep(2)\nsys.stdout.write("second\\n")';
    const { jobId, path } = await open(code);
    const execution = api.execute(jobId);
    const first = await until(page, ({ shown }) => shown !== '');
    expect(first).toMatchObject({ shown: 'first\n', breaks: 0 });
    expect(first.events.map(({ name }) => name)).toEqual(['status', 'status', 'stdout']);
    const job = await execution;
    const done = await until(page, ({ isClosed }) => isClosed);
    expect(done.events.map(({ name }) => name)).toEqual(['status', 'status', 'stdout', 'stdout', 'result']);
    expect(JSON.parse(done.events.at(-1)?.data ?? '')).toEqual(job);
    // The browser reconnected once, received 204 and stopped.
    const sentIds = proxy.headersForPath(path, 'last-event-id');
    expect(sentIds).toEqual([undefined, done.events.at(-1)?.id]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(proxy.headersForPath(path, 'last-event-id')).toHaveLength(2);
  }, 60_000);

  it('reconnects by itself when the connection breaks, and receives everything once', async () => {
    const code = 'import time\nfor n in range(80):\n  print("line", n, flush=True)\n  time.sleep(0.05)';
    const { jobId, path } = await open(code);
    const execution = api.execute(jobId, { timeout: 20_000 });
    for (const lines of [10, 40]) {
      await until(page, ({ shown }) => shown.split('\n').length > lines);
      proxy.breakConnections();
    }
    await execution;
    const { shown, events, breaks } = await until(page, ({ isClosed }) => isClosed);
    expect(shown).toBe(Array.from({ length: 80 }, (_, n) => `line ${n.toString()}\n`).join(''));
    // Twice in the middle, and after the result.
    expect(breaks).toBeGreaterThanOrEqual(3);
    expect(proxy.headersForPath(path, 'last-event-id').filter((id) => id !== undefined)).toHaveLength(3);
    expect(events.filter(({ name }) => name === 'result')).toHaveLength(1);
  }, 60_000);

  it('receives every line of a program that prints often, once and in order', async () => {
    const code = 'import time\nfor n in range(200):\n  print(n, flush=True)\n  time.sleep(0.01)';
    const { jobId } = await open(code);
    await api.execute(jobId, { timeout: 20_000 });
    const { shown } = await until(page, ({ isClosed }) => isClosed);
    expect(shown).toBe(Array.from({ length: 200 }, (_, n) => `${n.toString()}\n`).join(''));
  }, 60_000);
});
