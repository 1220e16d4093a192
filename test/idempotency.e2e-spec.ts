import { randomUUID } from 'node:crypto';
import type { ApiResponse, Api, JobBody } from './support/api';
import { describeEachDeployment } from './support/each-deployment';
import { expectInvalid, expectProblem } from './support/problem';

const UPLOAD = '/api/upload';
const KEY = 'idempotency-key';
const REPLAYED = 'idempotency-replayed';

interface Sent extends ApiResponse<string> {
  readonly isReplayed: boolean;
}

describeEachDeployment({}, (gateway) => {
  /** A response whose body is what was sent, byte for byte. */
  async function post(
    key: string,
    path: string,
    body: object | string = {},
    api?: Api,
    more: Record<string, string> = {},
  ): Promise<Sent> {
    const { url } = api ?? gateway().api;
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [KEY]: key, ...more },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { status, headers } = response;
    return { status, headers, body: await response.text(), isReplayed: headers.get(REPLAYED) === 'true' };
  }

  /** As tests of problems read it. */
  const parsed = ({ status, headers, body }: Sent): ApiResponse => ({
    status,
    headers,
    body: JSON.parse(body) as Record<string, unknown>,
  });
  const jobIdOf = ({ body }: Sent): string => (JSON.parse(body) as JobBody).job_id;
  /** In a project that no other test has. */
  const newUpload = () => ({ language: 'bash', code: 'echo hello', project: randomUUID() });
  const jobsOf = async ({ project }: { project: string }): Promise<readonly JobBody[]> =>
    (await gateway().api.get<{ jobs: JobBody[] }>(`/api/jobs?project=${project}`)).body.jobs;

  describe('An upload with an Idempotency-Key', () => {
    it('returns the same bytes to a retry, and creates no second job', async () => {
      const [key, upload] = [randomUUID(), newUpload()];
      const first = await post(key, UPLOAD, upload);
      expect([first.status, first.isReplayed]).toEqual([201, false]);
      expect(first.headers.get('location')).toBe(`/api/status/${jobIdOf(first)}`);
      expect(JSON.parse(first.body)).toMatchObject({ status: 'PENDING', language: 'bash' });
      for (const api of gateway().apis) {
        const again = await post(key, UPLOAD, upload, api);
        expect(again).toMatchObject({ status: 201, body: first.body, isReplayed: true });
        for (const name of ['location', 'content-type', 'content-length'])
          expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
      }
      expect(await jobsOf(upload)).toMatchObject([{ job_id: jobIdOf(first) }]);
      expect(await gateway().api.execute(jobIdOf(first))).toMatchObject({ stdout: 'hello\n' });
    });

    it('returns the first response even if its job has been executed since', async () => {
      const [key, upload] = [randomUUID(), newUpload()];
      const first = await post(key, UPLOAD, upload);
      await gateway().api.execute(jobIdOf(first));
      expect(await post(key, UPLOAD, upload)).toMatchObject({ status: 201, body: first.body });
    });

    it('creates one job for twenty concurrent requests, with the same response to all', async () => {
      const [key, upload] = [randomUUID(), newUpload()];
      const { apis } = gateway();
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, n) => post(key, UPLOAD, upload, apis[n % apis.length])),
      );
      expect([...new Set(all.map(({ status }) => status))]).toEqual([201]);
      expect(new Set(all.map(({ body }) => body)).size).toBe(1);
      expect(new Set(all.map(({ headers }) => headers.get('location'))).size).toBe(1);
      const jobs = await jobsOf(upload);
      expect(jobs.map(({ job_id }) => job_id)).toEqual([jobIdOf(all[0] as Sent)]);
      const code = await gateway().api.get(`/api/jobs/${jobIdOf(all[0] as Sent)}/code`);
      expect(code.body).toBe(upload.code);
    });

    it('ignores white space, the order of fields, and quotes around the key', async () => {
      const [key, upload] = [randomUUID(), newUpload()];
      const first = await post(key, UPLOAD, upload);
      const { language, code, project } = upload;
      const spelled = JSON.stringify({ project, code, language }, null, 2);
      expect(await post(`"${key}"`, UPLOAD, spelled)).toMatchObject({ body: first.body, isReplayed: true });
      expect(await jobsOf(upload)).toHaveLength(1);
    });

    it('creates another job with another key', async () => {
      const upload = newUpload();
      const [one, other] = [
        await post(randomUUID(), UPLOAD, upload),
        await post(randomUUID(), UPLOAD, upload),
      ];
      expect(jobIdOf(one)).not.toBe(jobIdOf(other));
      expect(await jobsOf(upload)).toHaveLength(2);
    });

    it('is rejected with another body, and creates no job', async () => {
      const [key, upload, other] = [randomUUID(), newUpload(), newUpload()];
      const first = await post(key, UPLOAD, upload);
      for (const api of gateway().apis) {
        const refused = await post(key, UPLOAD, other, api);
        expectProblem(parsed(refused), 422, 'idempotency-key-reused', UPLOAD);
        expect(refused.isReplayed).toBe(false);
      }
      expect(await jobsOf(other)).toEqual([]);
      expect(await post(key, UPLOAD, upload)).toMatchObject({ body: first.body, isReplayed: true });
    });

    it('can be sent with the same key and a corrected body after it was rejected', async () => {
      const [key, upload] = [randomUUID(), newUpload()];
      expectInvalid(parsed(await post(key, UPLOAD, { ...upload, code: '' })), ['code'], UPLOAD);
      expectProblem(parsed(await post(key, UPLOAD, '{')), 400, 'malformed-json', UPLOAD);
      const unknown = { ...upload, language: 'klingon' };
      expectProblem(parsed(await post(key, UPLOAD, unknown)), 400, 'unsupported-language', UPLOAD);
      const huge = { ...upload, code: 'x'.repeat(1024 * 1024 + 1) };
      expectProblem(parsed(await post(key, UPLOAD, huge)), 413, 'payload-too-large', UPLOAD);
      const made = await post(key, UPLOAD, upload);
      expect([made.status, made.isReplayed]).toEqual([201, false]);
      expect(await jobsOf(upload)).toHaveLength(1);
    });
  });

  describe('An execution with an Idempotency-Key', () => {
    const pathOf = (jobId: string): string => `/api/execute/${jobId}`;
    const slow = (): Promise<string> => gateway().api.upload('bash', 'sleep 0.5; echo "$RANDOM$RANDOM"');
    const random = (): Promise<string> => gateway().api.upload('bash', 'echo "$RANDOM$RANDOM"; cat');
    const outcomeOf = ({ body }: Sent): JobBody => JSON.parse(body) as JobBody;

    it('returns the same bytes to a retry, and executes nothing', async () => {
      const [key, jobId] = [randomUUID(), await random()];
      const first = await post(key, pathOf(jobId), { input: 'a' });
      expect([first.status, first.isReplayed]).toEqual([200, false]);
      expect(outcomeOf(first)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
      for (const api of gateway().apis) {
        const again = await post(key, pathOf(jobId), { input: 'a' }, api);
        expect(again).toMatchObject({ status: 200, body: first.body, isReplayed: true });
        expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
      }
      expect(await gateway().api.status(jobId)).toMatchObject({ attempt: 1 });
    });

    it('returns the first response even if the job has been executed since', async () => {
      const [key, jobId] = [randomUUID(), await random()];
      const first = await post(key, pathOf(jobId));
      expect(await gateway().api.execute(jobId)).toMatchObject({ attempt: 2 });
      expect(await post(key, pathOf(jobId))).toMatchObject({ body: first.body, isReplayed: true });
      expect(await gateway().api.status(jobId)).toMatchObject({ attempt: 2 });
    });

    it('executes once for twenty concurrent requests, with the same response to all', async () => {
      const [key, jobId] = [randomUUID(), await slow()];
      const { apis } = gateway();
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, n) => post(key, pathOf(jobId), {}, apis[n % apis.length])),
      );
      expect([...new Set(all.map(({ status }) => status))]).toEqual([200]);
      expect(new Set(all.map(({ body }) => body)).size).toBe(1);
      expect(await gateway().api.status(jobId)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
    });

    it('continues when its client disconnects, and returns its result to a retry', async () => {
      const [key, jobId] = [randomUUID(), await slow()];
      const disconnect = new AbortController();
      const first = fetch(gateway().api.url + pathOf(jobId), {
        method: 'POST',
        headers: { [KEY]: key },
        signal: disconnect.signal,
      }).catch((error: unknown) => error);
      await gateway().api.waitForStatus(jobId, 'RUNNING');
      disconnect.abort();
      await first;
      for (const api of gateway().apis) {
        const again = await post(key, pathOf(jobId), {}, api);
        expect(outcomeOf(again)).toMatchObject({ status: 'SUCCESS', attempt: 1 });
      }
    });

    it('treats no body like an empty one, and ignores quotes around the key', async () => {
      const [key, jobId] = [randomUUID(), await random()];
      const first = await post(key, pathOf(jobId), {});
      const { status, headers } = await gateway().api.request('POST', pathOf(jobId), {
        headers: { [KEY]: `"${key}"` },
      });
      expect([status, headers.get(REPLAYED)]).toEqual([200, 'true']);
      expect(await post(key, pathOf(jobId.toUpperCase()))).toMatchObject({ body: first.body });
    });

    it('is rejected with another body, job or preference', async () => {
      const [key, jobId, otherId] = [randomUUID(), await random(), await random()];
      await post(key, pathOf(jobId), { input: 'a' });
      const refused = [
        await post(key, pathOf(jobId), { input: 'b' }),
        await post(key, pathOf(jobId), { input: 'a', timeout: 1000 }),
        await post(key, pathOf(otherId), { input: 'a' }),
        await post(key, pathOf(jobId), { input: 'a' }, undefined, { prefer: 'respond-async' }),
      ];
      for (const response of refused) expectProblem(parsed(response), 422, 'idempotency-key-reused');
      expect(await gateway().api.status(jobId)).toMatchObject({ attempt: 1 });
      expect(await gateway().api.status(otherId)).toMatchObject({ status: 'PENDING' });
    });

    it('can be sent with the same key after it was rejected', async () => {
      const [key, jobId] = [randomUUID(), await gateway().api.upload('bash', 'read -r; echo "$REPLY"')];
      expectInvalid(parsed(await post(key, pathOf(jobId), { timeout: 0 })), ['timeout'], pathOf(jobId));
      const huge = { input: 'x'.repeat(1024 * 1024 + 1) };
      expectProblem(parsed(await post(key, pathOf(jobId), huge)), 413, 'payload-too-large');
      expectProblem(parsed(await post(key, pathOf(randomUUID()))), 404, 'job-not-found');
      const made = await post(key, pathOf(jobId), { input: 'a\n' });
      expect([made.status, made.isReplayed, outcomeOf(made).stdout]).toEqual([200, false, 'a\n']);
    });

    it('can be sent with the same key after the execution in its way has ended', async () => {
      const [key, jobId] = [randomUUID(), await gateway().api.upload('bash', 'sleep 10')];
      const running = gateway().api.post(pathOf(jobId), { timeout: 20_000 });
      await gateway().api.waitForStatus(jobId, 'RUNNING');
      expectProblem(parsed(await post(key, pathOf(jobId))), 409, 'job-already-running');
      await gateway().api.post(`/api/cancel/${jobId}`);
      await running;
      const made = await post(key, pathOf(jobId), { timeout: 50 });
      expect(outcomeOf(made)).toMatchObject({ status: 'TIMEOUT', attempt: 2 });
    });

    it('is queued once with `respond-async`, and returns the same bytes to a retry', async () => {
      const [key, jobId] = [randomUUID(), await random()];
      const { apis } = gateway();
      const prefer = { prefer: 'respond-async' };
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, n) => post(key, pathOf(jobId), {}, apis[n % apis.length], prefer)),
      );
      await gateway().api.waitForStatus(jobId, 'SUCCESS');
      all.push(await post(key, pathOf(jobId), {}, undefined, prefer));
      expect([...new Set(all.map(({ status }) => status))]).toEqual([202]);
      expect(new Set(all.map(({ body }) => body)).size).toBe(1);
      for (const name of ['location', 'preference-applied'])
        expect(new Set(all.map(({ headers }) => headers.get(name))).size).toBe(1);
      expect(all[0]?.headers.get('location')).toBe(`/api/status/${jobId}`);
      expect(await gateway().api.status(jobId)).toMatchObject({ attempt: 1 });
    });
  });

  describe('The Idempotency-Key header', () => {
    it.each([
      ['of 255 characters', 'k'.repeat(220)],
      ['with punctuation', '!#$%&()*+,-./:;<=>?@[]^_`{|}~'],
    ])('accepts a key %s', async (_what, text) => {
      const key = (text + randomUUID()).slice(0, 255);
      const upload = newUpload();
      const first = await post(key, UPLOAD, upload);
      expect(await post(key, UPLOAD, upload)).toMatchObject({ status: 201, body: first.body });
    });

    it.each([
      ['that is empty', ''],
      ['of an empty string', '""'],
      ['of 256 characters', 'k'.repeat(256)],
      ['that is not ASCII', 'cl\u00e9'],
      ['with a space', 'one two'],
      ['in quotes that do not end', '"abc'],
    ])('rejects a key %s, names the header, and creates no job', async (_what, key) => {
      const upload = newUpload();
      expectInvalid(parsed(await post(key, UPLOAD, upload)), ['Idempotency-Key'], UPLOAD);
      expect(await jobsOf(upload)).toEqual([]);
    });
  });
});
