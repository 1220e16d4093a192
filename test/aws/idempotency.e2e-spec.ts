/** Whatever call of the storage fails in whatever way: a request under a key that comes again is made once. */
import { randomUUID } from 'node:crypto';
import type { ApiResponse, JobBody } from '../support/api';
import type { Fault } from './fault-proxy';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway';

const FAULTS: Fault[] = [
  ...(['reset before', 'reset after', 'cut', 'late', 'silent'] as const),
  { status: 500, name: 'InternalServerError' },
];
/** Of one upload in their order: its claim, its code, its job, its answer. */
const CALLS = ['PutItem', 'PUT uploads', 'PutItem', 'PutItem'];

describe.each(FAULTS.map((fault) => [typeof fault === 'string' ? fault : fault.name, fault] as const))(
  'an upload under an Idempotency-Key, of which a call fails by: %s',
  (_name, fault) => {
    let gateway: FaultyGateway;
    beforeAll(async () => {
      gateway = await startFaultyGateway();
      // The languages are known, and the table is there.
      await gateway.api.upload('bash', 'true');
    });
    afterAll(() => gateway.close());

    it.each(CALLS.map((name, at) => [name, at + 1, at] as const))(
      '%s, call %d, makes exactly one job when it is repeated, at once and when everything late has arrived',
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
        // An outage: from this call on.
        gateway.fail((call) => {
          if (!ids.includes(call.id)) {
            ids.push(call.id);
            calls.push(call.name);
          }
          return ids.indexOf(call.id) >= at ? fault : undefined;
        });
        const failed = await send();
        expect(calls[at]).toBe(name);
        // The answer that cannot be kept is given all the same.
        expect(failed.status).toBe(at === CALLS.length - 1 ? 201 : 503);
        gateway.fail(() => undefined);
        // What has become of the job since is nothing to the upload.
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
