/** The documentation page is sufficient to upload and execute a program. */
import type { JobBody } from './support/api';
import { type Gateway, startGateway } from './support/gateway';
import { type DisplayedResponse, SwaggerPage } from './support/swagger-page';

const shownJob = ({ body }: DisplayedResponse): JobBody => JSON.parse(body) as JobBody;

describe('Swagger UI', () => {
  let gateway: Gateway;
  let page: SwaggerPage;
  beforeAll(async () => {
    gateway = await startGateway();
    page = await SwaggerPage.open(gateway.api.url);
  }, 60_000);
  afterAll(async () => {
    await page.close();
    await gateway.close();
  });
  /** No request of the page fails, and none goes to another server. */
  afterEach(() => {
    expect(page.complaints).toEqual([]);
  });

  it('lists the endpoints in reading order', async () => {
    const paths = await page.listPaths();
    expect(paths.slice(0, 4)).toEqual([
      '/api/upload',
      '/api/execute/{job_id}',
      '/api/status/{job_id}',
      '/api/cancel/{job_id}',
    ]);
  });

  it('uploads, executes and shows the output with the prefilled bodies', async () => {
    const uploaded = await page.send('/api/upload');
    expect(uploaded.status).toBe('201');
    const { job_id } = shownJob(uploaded);

    const executed = await page.send('/api/execute/{job_id}', { job_id });
    expect(executed.status).toBe('200');
    expect(shownJob(executed)).toMatchObject({ job_id, status: 'SUCCESS', verdict: 'OK', stdout: 'hello\n' });

    const status = await page.send('/api/status/{job_id}', { job_id });
    expect(shownJob(status)).toEqual(shownJob(executed));
  }, 60_000);

  it('cancels a pending job', async () => {
    const { job_id } = shownJob(await page.send('/api/upload'));
    const cancelled = await page.send('/api/cancel/{job_id}', { job_id });
    expect(cancelled.status).toBe('200');
    expect(shownJob(cancelled)).toMatchObject({ job_id, status: 'CANCELLED', verdict: 'CANCELLED' });
  }, 60_000);

  it('lists uploaded jobs without prefilled filters', async () => {
    const { job_id } = shownJob(await page.send('/api/upload'));
    const listed = JSON.parse((await page.send('/api/jobs')).body) as { jobs: JobBody[] };
    expect(listed.jobs.map((job) => job.job_id)).toContain(job_id);
  }, 60_000);
});
