/** The README's examples in JavaScript do what it says, in a browser. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, openBrowser } from './support/browser';
import { type Gateway, startGateway } from './support/gateway';

const README = readFileSync(join(__dirname, '../README.md'), 'utf8');
const EXAMPLES = [...README.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code);

/** Which is which. */
const exampleWith = (word: string): string => {
  const found = EXAMPLES.filter((code) => code.includes(word));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`Not one example with ${word}`);
  return found[0];
};

describe('the README’s examples for browsers', () => {
  let gateway: Gateway;
  let browser: Browser;
  let words: string[];
  let onWord: () => void = () => undefined;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startGateway(), openBrowser()]);
    browser.page.on('console', (message) => {
      if (message.type() === 'log') words.push(message.text());
      onWord();
    });
    await browser.page.goto(`${gateway.api.url}/problems`);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await gateway.close();
  });
  beforeEach(() => {
    words = [];
  });

  const run = (example: string, jobId: string): Promise<unknown> =>
    browser.page.evaluate(`(async (jobId) => { ${example} })(${JSON.stringify(jobId)})`);

  async function said(last: string): Promise<string> {
    while (!words.includes(last)) {
      await new Promise<void>((resolve) => {
        onWord = resolve;
      });
    }
    return words.join('');
  }

  it('are those for waiting, for live output and for safe retries', () => {
    expect(EXAMPLES).toHaveLength(3);
  });

  it('await an execution without polling', async () => {
    const jobId = await gateway.api.upload('bash', 'sleep 0.3; echo done');
    await run(exampleWith('respond-async'), jobId);
    expect(words).toEqual(['SUCCESS done\n']);
  });

  it('show output as it comes, and the result', async () => {
    const jobId = await gateway.api.upload(
      'bash',
      'for n in 1 2 3; do echo $n; sleep 0.1; done; echo end >&2',
    );
    await run(exampleWith('new EventSource'), jobId);
    await gateway.api.execute(jobId);
    expect(await said('SUCCESS')).toBe('1\n2\n3\nend\nSUCCESS');
  });

  it('execute once, however often they ask', async () => {
    // The first answer is lost on its way.
    let requests = 0;
    await browser.page.route('**/api/upload', async (route) => {
      requests += 1;
      if (requests > 1) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    const before = (await gateway.api.get<{ jobs: unknown[] }>('/api/jobs?limit=1000')).body.jobs.length;
    await run(exampleWith('Idempotency-Key'), '');
    expect(words).toEqual(['SUCCESS hello\n']);
    expect(requests).toBe(2);
    const after = (await gateway.api.get<{ jobs: { attempt: number }[] }>('/api/jobs?limit=1000')).body.jobs;
    expect([after.length, after[0]?.attempt]).toEqual([before + 1, 1]);
  });
});
