import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, openBrowser } from './support/browser';
import { type Gateway, startGateway } from './support/gateway';

const PAGE = readFileSync(join(__dirname, '../docs/api.md'), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```js\n(.*?)```/gs)].map(([, code = '']) => code);

function exampleWith(text: string): string {
  const found = EXAMPLES.filter((code) => code.includes(text));
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`docs/api.md needs one example with ${text}`);
  return found[0];
}

describe('The JavaScript examples of docs/api.md, in a browser', () => {
  let gateway: Gateway;
  let browser: Browser;
  let logged: string[];
  let onLog: () => void = () => undefined;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startGateway(), openBrowser()]);
    browser.page.on('console', (message) => {
      if (message.type() === 'log') logged.push(message.text());
      onLog();
    });
    await browser.page.goto(`${gateway.api.url}/problems`);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await gateway.close();
  });
  beforeEach(() => {
    logged = [];
  });

  const run = (example: string, jobId: string): Promise<unknown> =>
    browser.page.evaluate(`(async (jobId) => { ${example} })(${JSON.stringify(jobId)})`);

  async function loggedUntil(last: string): Promise<string> {
    while (!logged.includes(last)) {
      await new Promise<void>((resolve) => {
        onLog = resolve;
      });
    }
    return logged.join('');
  }

  it('are one for long polling, one for live output and one for retries', () => {
    expect(EXAMPLES).toHaveLength(3);
  });

  it('wait for an asynchronous execution', async () => {
    const jobId = await gateway.api.upload('bash', 'sleep 0.3; echo done');
    await run(exampleWith('respond-async'), jobId);
    expect(logged).toEqual(['SUCCESS done\n']);
  });

  it('show the output in order, and then the result', async () => {
    const jobId = await gateway.api.upload(
      'bash',
      'for n in 1 2 3; do echo $n; sleep 0.1; done; echo end >&2',
    );
    await run(exampleWith('new EventSource'), jobId);
    await gateway.api.execute(jobId);
    expect(await loggedUntil('SUCCESS')).toBe('1\n2\n3\nend\nSUCCESS');
  });

  it('execute once although the first response is lost', async () => {
    let requests = 0;
    await browser.page.route('**/api/upload', async (route) => {
      requests += 1;
      if (requests > 1) return route.continue();
      await route.fetch();
      return route.abort('connectionreset');
    });
    const before = (await gateway.api.get<{ jobs: unknown[] }>('/api/jobs?limit=1000')).body.jobs.length;
    await run(exampleWith('Idempotency-Key'), '');
    expect(logged).toEqual(['SUCCESS hello\n']);
    expect(requests).toBe(2);
    const after = (await gateway.api.get<{ jobs: { attempt: number }[] }>('/api/jobs?limit=1000')).body.jobs;
    expect([after.length, after[0]?.attempt]).toEqual([before + 1, 1]);
  });
});
