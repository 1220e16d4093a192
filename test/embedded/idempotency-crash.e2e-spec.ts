import { randomUUID } from 'node:crypto';
import type { ApiResponse, Api, JobBody } from '../support/api';
import { startServer } from '../support/server-process';
import { createTemporaryDirectory } from '../support/temporary-directory';

const UPLOADERS = 16;
const UPLOADS_BEFORE_KILL = 40;

interface Upload {
  readonly key: string;
  readonly code: string;
}

const send = (api: Api, { key, code }: Upload): Promise<ApiResponse<JobBody>> =>
  api.request<JobBody>('POST', '/api/upload', {
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ language: 'bash', code }),
  });

describe('SIGKILL during uploads with an Idempotency-Key', () => {
  it('creates no job twice when the uploads are repeated, and changes no response', async () => {
    const DATA_DIR = createTemporaryDirectory();
    const first = await startServer({ DATA_DIR });
    const sent: Upload[] = [];
    const acknowledged = new Map<string, JobBody>();
    let killed: Promise<unknown> | undefined;
    const uploading = Array.from({ length: UPLOADERS }, async () => {
      for (;;) {
        const upload = { key: randomUUID(), code: `# ${'x'.repeat(20_000)} ${randomUUID()}` };
        sent.push(upload);
        try {
          acknowledged.set(upload.key, (await send(first.api, upload)).body);
        } catch {
          return; // the server was killed
        }
        if (acknowledged.size >= UPLOADS_BEFORE_KILL) killed ??= first.stop('SIGKILL');
      }
    });
    await Promise.all(uploading);
    await killed;
    expect(sent.length).toBeGreaterThan(acknowledged.size);

    const second = await startServer({ DATA_DIR });
    const bodies: JobBody[] = [];
    for (const upload of sent) {
      const [again, oncemore] = [await send(second.api, upload), await send(second.api, upload)];
      expect([again.status, oncemore.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      expect(oncemore.body).toEqual(again.body);
      expect(again.body).toEqual(acknowledged.get(upload.key) ?? again.body);
      expect((await second.api.get(`/api/jobs/${again.body.job_id}/code`)).body).toBe(upload.code);
      bodies.push(again.body);
    }
    const { body } = await second.api.get<{ jobs: JobBody[] }>('/api/jobs?limit=1000');
    expect(body.jobs.map(({ job_id }) => job_id).sort()).toEqual(bodies.map(({ job_id }) => job_id).sort());
    await second.stop('SIGTERM');
  }, 60_000);
});
