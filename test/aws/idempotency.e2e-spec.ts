import { randomUUID } from 'node:crypto';
import type { ApiResponse, JobBody } from '../support/api';
import type { Fault } from './fault-proxy';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway';

const FAULTS: Fault[] = [
  ...(['reset before', 'reset after', 'cut', 'late', 'silent'] as const),
  { status: 500, name: 'InternalServerError' },
];
/** The storage calls of one upload in order: claim of the key, code, job, stored response. */
const CALLS = ['PutItem', 'PUT uploads', 'PutItem', 'PutItem'];

describe.each(FAULTS.map((fault) => [typeof fault === 'string' ? fault : fault.name, fault] as const))(
  'an upload with an Idempotency-Key in which one storage call fails with: %s',
  (_name, fault) => {
    let gateway: FaultyGateway;
    beforeAll(async () => {
      gateway = await startFaultyGateway();
      // Provisions the storage.
      await gateway.api.upload('bash', 'true');
    });
    afterAll(() => gateway.close());

    it.each(CALLS.map((name, at) => [name, at + 1, at] as const))(
      'at %s, call %d, creates exactly one job when the client retries at once and after all delayed calls',
      async (name, _number, at) => {
        const upload = { language: 'bash', code: `echo ${randomUUID()}`, project: randomUUID() };
        const key = randomUUID();
        const send = (): Promise<ApiResponse<JobBody>> =>
          gateway.api.request<JobBody>('POST', '/api/upload', {
            headers: { 'content-type': 'application/json', 'idempotency-key': key },
            body: JSON.stringify(upload),
          });
        const calls: string[] = [];
        const ids: string[] = [];
        // This call and all later ones fail.
        gateway.fail((call) => {
          if (!ids.includes(call.id)) {
            ids.push(call.id);
            calls.push(call.name);
          }
          return ids.indexOf(call.id) >= at ? fault : undefined;
        });
        const failed = await send();
        expect(calls[at]).toBe(name);
        // The client gets its response even if the service cannot store it.
        expect(failed.status).toBe(at === CALLS.length - 1 ? 201 : 503);
        gateway.fail(() => undefined);
        // A retry returns the stored response, whatever the job's present state.
        if (failed.status === 201) await gateway.api.execute(failed.body.job_id);
        const early = await send();
        await gateway.heal();
        const late = await send();
        expect([early.status, late.status]).toEqual([201, 201]);
        expect(late.body).toEqual(early.body);
        if (failed.status === 201) expect(early.body).toEqual(failed.body);
        const { jobs } = (await gateway.api.get<{ jobs: JobBody[] }>(`/api/jobs?project=${upload.project}`))
          .body;
        expect(jobs.map(({ job_id }) => job_id)).toEqual([early.body.job_id]);
        expect((await gateway.api.get(`/api/jobs/${early.body.job_id}/code`)).body).toBe(upload.code);
      },
      60_000,
    );
  },
);
