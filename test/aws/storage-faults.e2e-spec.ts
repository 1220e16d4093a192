/** Every call of the storage fails in every way in the middle of a whole run: no job is lost, stuck, or without its code. */
import type { ApiResponse, Api, JobBody } from '../support/api';
import type { Fault } from './fault-proxy';
import { type FaultyGateway, startFaultyGateway } from './faulty-gateway';
import { type Extent, RunWithFault } from './run-with-fault';

const FAULTS: Fault[] = [
  ...(['reset before', 'reset after', 'cut', 'late', 'silent'] as const),
  { status: 500, name: 'InternalServerError' },
];
/** Of one run in their order: upload, execute, status, code, logs. */
const CALLS = [
  ...['PUT uploads', 'PutItem'],
  ...['GetItem', 'UpdateItem', 'GET uploads', 'PUT logs', 'UpdateItem'],
  ...['GetItem', 'GetItem', 'GET uploads', 'GetItem', 'HEAD logs', 'GET logs'],
];

const codeOf = ({ marker }: RunWithFault): string => `echo ${marker}`;

describe.each(FAULTS.map((fault) => [typeof fault === 'string' ? fault : fault.name, fault] as const))(
  'a storage whose call fails by: %s',
  (_name, fault) => {
    let gateway: FaultyGateway;
    beforeAll(async () => {
      gateway = await startFaultyGateway({ ENGINE_QUEUE_MAX: '100' });
    });
    afterAll(() => gateway.close());

    /** All at once, each with another call that fails. */
    async function runs<T>(extent: Extent, check: (run: RunWithFault) => Promise<T>): Promise<T[]> {
      const all = CALLS.map((_, at) => new RunWithFault(at, fault, extent));
      gateway.fail((call) => all.map((run) => run.selectFault(call)).find((chosen) => chosen !== undefined));
      const results = await Promise.all(all.map(check));
      expect(all.map((run) => run.failedCall)).toEqual(CALLS);
      await gateway.heal();
      return results;
    }

    /** The calls of a client, one after the other, until the first that is refused. */
    async function answersTo({ api }: FaultyGateway, run: RunWithFault): Promise<ApiResponse<unknown>[]> {
      const body = { language: 'bash', code: codeOf(run), project: run.marker };
      const upload = await api.post<JobBody>('/api/upload', body);
      const jobId = upload.body.job_id;
      const answers: ApiResponse<unknown>[] = [upload];
      for (const call of [
        () => api.post(`/api/execute/${jobId}`),
        () => api.get(`/api/status/${jobId}`),
        () => api.get(`/api/jobs/${jobId}/code`),
        () => api.get(`/api/jobs/${jobId}/logs`),
      ]) {
        if ((answers.at(-1)?.status ?? 0) >= 400) break;
        answers.push(await call());
      }
      return answers;
    }

    it('once is not noticed by the client', async () => {
      const outcomes = await runs('once', async (run) => ({ run, all: await answersTo(gateway, run) }));
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

    it('until the storage returns is told as storage-unavailable, and leaves every job whole', async () => {
      const { api } = gateway;
      const outcomes = await runs('outage', async (run) => {
        const all = await answersTo(gateway, run);
        run.heal();
        return { run, all };
      });
      for (const { run, all } of outcomes) {
        const told = all.at(-1);
        expect([run.failedCall, told]).toMatchObject([
          run.failedCall,
          { status: 503, body: { code: 'storage-unavailable' } },
        ]);
        const { jobs } = (await api.get<{ jobs: JobBody[] }>(`/api/jobs?project=${run.marker}`)).body;
        expect(jobs.length).toBeGreaterThanOrEqual(all[0]?.status === 201 ? 1 : 0);
        for (const { job_id } of jobs) {
          await atRest(api, job_id);
          expect((await api.get(`/api/jobs/${job_id}/code`)).body).toBe(codeOf(run));
          expect(await api.execute(job_id)).toMatchObject({ status: 'SUCCESS', stdout: `${run.marker}\n` });
        }
      }
    });
  },
);

/** Waits until nothing is owed to the job any more: the API has no event for that. */
async function atRest(api: Api, jobId: string): Promise<void> {
  while ((await api.status(jobId)).status === 'RUNNING')
    await new Promise((resolve) => setTimeout(resolve, 50));
}
