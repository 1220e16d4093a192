import type { ApiResponse, Api, JobBody } from '../support/api';
import type { Fault } from './fault-proxy';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway';
import { type Extent, RunWithFault } from './run-with-fault';

const FAULTS: Fault[] = [
  ...(['reset before', 'reset after', 'cut', 'late', 'silent'] as const),
  { status: 500, name: 'InternalServerError' },
];
/** The storage calls of one run in order: upload, execute, status, code, logs. */
const CALLS = [
  ...['PUT uploads', 'PutItem'],
  ...['GetItem', 'UpdateItem', 'GET uploads', 'PUT logs', 'UpdateItem'],
  ...['GetItem', 'GetItem', 'GET uploads', 'GetItem', 'HEAD logs', 'GET logs'],
];

const codeOf = ({ marker }: RunWithFault): string => `echo ${marker}`;

describe.each(FAULTS.map((fault) => [typeof fault === 'string' ? fault : fault.name, fault] as const))(
  'a storage in which one call fails with: %s',
  (_name, fault) => {
    let gateway: FaultyGateway;
    beforeAll(async () => {
      gateway = await startFaultyGateway({ ENGINE_QUEUE_MAX: '100' });
    });
    afterAll(() => gateway.close());

    /** Makes one run for each storage call, all at the same time; in each run another call fails. */
    async function runAll<T>(extent: Extent, check: (run: RunWithFault) => Promise<T>): Promise<T[]> {
      const all = CALLS.map((_, index) => new RunWithFault(index, fault, extent));
      gateway.fail((call) => all.map((run) => run.selectFault(call)).find((chosen) => chosen !== undefined));
      const results = await Promise.all(all.map(check));
      expect(all.map((run) => run.failedCall)).toEqual(CALLS);
      await gateway.heal();
      return results;
    }

    /** Makes the requests of a client one after the other until the first error. */
    async function makeRequests({ api }: FaultyGateway, run: RunWithFault): Promise<ApiResponse<unknown>[]> {
      const body = { language: 'bash', code: codeOf(run), project: run.marker };
      const upload = await api.post<JobBody>('/api/upload', body);
      const jobId = upload.body.job_id;
      const responses: ApiResponse<unknown>[] = [upload];
      for (const call of [
        () => api.post(`/api/execute/${jobId}`),
        () => api.get(`/api/status/${jobId}`),
        () => api.get(`/api/jobs/${jobId}/code`),
        () => api.get(`/api/jobs/${jobId}/logs`),
      ]) {
        if ((responses.at(-1)?.status ?? 0) >= 400) break;
        responses.push(await call());
      }
      return responses;
    }

    it('once does not affect the client', async () => {
      const outcomes = await runAll('once', async (run) => ({ run, all: await makeRequests(gateway, run) }));
      for (const { run, all } of outcomes) {
        expect([run.failedCall, all.map(({ status }) => status)]).toEqual([
          run.failedCall,
          [201, 200, 200, 200, 200],
        ]);
        const [, executed, found, code, logs] = all.map(({ body }) => body);
        expect(executed).toMatchObject({ status: 'SUCCESS', attempt: 1, stdout: `${run.marker}\n` });
        expect([found, code, logs]).toEqual([executed, codeOf(run), `${run.marker}\n`]);
      }
    });

    it('until the storage recovers fails with storage-unavailable and leaves every job complete', async () => {
      const { api } = gateway;
      const outcomes = await runAll('outage', async (run) => {
        const all = await makeRequests(gateway, run);
        run.heal();
        return { run, all };
      });
      for (const { run, all } of outcomes) {
        const last = all.at(-1);
        expect([run.failedCall, last]).toMatchObject([
          run.failedCall,
          { status: 503, body: { code: 'storage-unavailable' } },
        ]);
        const { jobs } = (await api.get<{ jobs: JobBody[] }>(`/api/jobs?project=${run.marker}`)).body;
        expect(jobs.length).toBeGreaterThanOrEqual(all[0]?.status === 201 ? 1 : 0);
        for (const { job_id } of jobs) {
          await waitUntilNotRunning(api, job_id);
          expect((await api.get(`/api/jobs/${job_id}/code`)).body).toBe(codeOf(run));
          expect(await api.execute(job_id)).toMatchObject({ status: 'SUCCESS', stdout: `${run.marker}\n` });
        }
      }
    });
  },
);

/** Polls, because the API has no event for a pending outcome that is stored later. */
async function waitUntilNotRunning(api: Api, jobId: string): Promise<void> {
  while ((await api.status(jobId)).status === 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 50));
}
