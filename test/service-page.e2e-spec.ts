/** The root of the service: a page for browsers, JSON for every other client. */
import { openBrowser } from './support/browser';
import { type Gateway, startGateway } from './support/gateway';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('the root of the service', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const get = (accept?: string): Promise<Response> =>
    fetch(`${gateway.api.url}/`, accept === undefined ? {} : { headers: { accept } });

  it.each([undefined, '*/*', 'application/json', 'application/json, text/html'])(
    'is JSON for Accept: %s',
    async (accept) => {
      const response = await get(accept);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(response.headers.get('vary')).toMatch(/\bAccept\b/);
      expect(await response.json()).toMatchObject({ service: 'service-server', status: 'running' });
    },
  );

  it('is a page with the same links for a browser', async () => {
    const links = (await (await get()).json()) as Record<string, string>;
    const response = await get(BROWSER);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('vary')).toMatch(/\bAccept\b/);
    const page = await response.text();
    for (const name of ['docs', 'openapi', 'health', 'problems']) {
      expect(page).toContain(`href="${links[name] ?? ''}"`);
    }
  });

  it('shows the page in a browser without an error or a request that fails', async () => {
    const { page, close } = await openBrowser();
    try {
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('response', (response) => {
        if (!response.ok()) complaints.push(`${response.status().toString()}: ${response.url()}`);
      });
      await page.goto(`${gateway.api.url}/`);
      expect(await page.locator('h1').innerText()).toBe('Service Server');
      expect(complaints).toEqual([]);
    } finally {
      await close();
    }
  }, 60_000);

  it('has an icon that browsers may cache', async () => {
    const response = await fetch(`${gateway.api.url}/favicon.ico`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    expect(response.headers.get('cache-control')).toBe('public, max-age=86400');
    expect(await response.text()).toMatch(/^<svg .*<\/svg>$/);
  });
});
