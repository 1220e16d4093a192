import type { Locator, Page } from 'playwright-core';
import { openBrowser } from './browser';

/** Reports violations of the Content-Security-Policy on the console, from which `complaints` are collected. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) =>
  console.error('Content-Security-Policy', event.violatedDirective, event.blockedURI));`;

export interface DisplayedResponse {
  readonly status: string;
  readonly body: string;
}

export class SwaggerPage {
  /** Errors and warnings of the console, exceptions, failed requests, and requests to anyone but the gateway. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly page: Page,
    readonly close: () => Promise<void>,
  ) {}

  /** @param url of the gateway */
  static async open(url: string): Promise<SwaggerPage> {
    const { page, close } = await openBrowser();
    try {
      const swagger = new SwaggerPage(page, close);
      await swagger.load(url);
      return swagger;
    } catch (error) {
      await close();
      throw error;
    }
  }

  private async load(url: string): Promise<void> {
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('requestfailed', (request) => this.complaints.push(`failed: ${request.url()}`));
    this.page.on('response', (response) => {
      if (!response.ok()) this.complaints.push(`${response.status().toString()}: ${response.url()}`);
    });
    this.page.on('request', (request) => {
      const isOwn = request.url().startsWith(`${url}/`) || request.url().startsWith('data:');
      if (!isOwn) this.complaints.push(`foreign: ${request.url()}`);
    });
    await this.page.addInitScript({ content: REPORT_VIOLATIONS });
    await this.page.goto(`${url}/docs`);
    await this.page.locator('.opblock').first().waitFor();
  }

  /** The paths in the order of the page. */
  async listPaths(): Promise<(string | null)[]> {
    const paths = await this.page.locator('.opblock-summary-path').all();
    return Promise.all(paths.map((path) => path.getAttribute('data-path')));
  }

  /** Expands the operation, fills in the parameters, and sends the request with the defaults of the page otherwise. */
  async send(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<DisplayedResponse> {
    const block = await this.openOperation(path);
    for (const [name, value] of Object.entries(parameters)) {
      await block.locator(`tr[data-param-name="${name}"] input`).fill(value);
    }
    // Clear the response to an earlier request, so that the one that appears is new.
    const clear = block.getByRole('button', { name: 'Clear', exact: true });
    if (await clear.isVisible()) await clear.click();
    const response = block.locator('.live-responses-table .response');
    await response.waitFor({ state: 'detached' });
    await block.getByRole('button', { name: 'Execute', exact: true }).click();
    return {
      status: (await response.locator('.response-col_status').innerText()).trim(),
      body: await response.locator('.highlight-code code').innerText(),
    };
  }

  private async openOperation(path: string): Promise<Locator> {
    const summary = this.page.locator(`.opblock-summary-path[data-path="${path}"]`);
    const block = this.page.locator('.opblock').filter({ has: summary });
    const execute = block.getByRole('button', { name: 'Execute', exact: true });
    if (!(await execute.isVisible())) await summary.click();
    await execute.waitFor();
    return block;
  }
}
