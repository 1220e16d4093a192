import { EXECUTION_ATTEMPTS_MAX } from './attempts-max';
import { type FaultRun, FAULT_SECONDS, FAULT_SEED, type SettledRequest, runUnderFaults } from './fault-run';
import { faultsDuring, formatFigures } from './figures';
import { type Service } from './service';

/** Milliseconds to start the service, to await the final states and to read everything back. */
const SETUP_AND_CHECK_MS = 300_000;

/** Guarantees that hold after any faults: no accepted execution is lost, and each has one result. */
export function faultRunSuite(name: string, start: () => Promise<Service>): void {
  describe(`${name} under kills and outages`, () => {
    let service: Service;
    let run: FaultRun;
    let accepted: readonly SettledRequest[];
    beforeAll(
      async () => {
        process.stderr.write(`${name}: FAULT_SEED=${FAULT_SEED.toString()}\n`);
        service = await start();
        run = await runUnderFaults(service);
        accepted = run.settled.filter((one) => one.accepted);
        process.stderr.write(`${name}\n${formatFigures(run, service.meter)}\n`);
      },
      FAULT_SECONDS * 1000 + SETUP_AND_CHECK_MS,
    );
    afterAll(() => service.close());

    it('loses no uploaded job', async () => {
      const api = service.gateways[0]?.api;
      for (const jobId of run.uploads) expect((await api?.get(`/api/status/${jobId}`))?.status).toBe(200);
    });

    it('brings every accepted execution to a final state', () => {
      expect(run.settled.filter(({ job }) => !job).map(({ jobId }) => jobId)).toEqual([]);
      expect(accepted.length).toBeGreaterThan(FAULT_SECONDS / 5);
    });

    it('returns the same result of an execution from every gateway', async () => {
      for (const { jobId, job, responseBody } of accepted) {
        if (responseBody) expect(job).toEqual(responseBody);
        for (const { api } of service.gateways) expect(await api.status(jobId)).toEqual(job);
      }
    });

    it('stores the complete output of each successful execution, from its last attempt only', async () => {
      for (const { jobId, job, program } of accepted.filter(({ job }) => job?.status === 'SUCCESS')) {
        const logs = await service.gateways[0]?.api.get<string>(`/api/jobs/${jobId}/logs`);
        expect([job?.status, logs?.body === program.output]).toEqual(['SUCCESS', true]);
      }
    });

    it('fails an execution only with an error message, and an asynchronous one only after its last attempt', () => {
      for (const { kind, job } of accepted.filter(({ job }) => job?.status !== 'SUCCESS')) {
        expect(job).toMatchObject({ verdict: 'ENGINE_ERROR', error_message: expect.any(String) as string });
        if (kind === 'async')
          expect(job?.error_message).toContain(`It was attempted ${EXECUTION_ATTEMPTS_MAX} times.`);
      }
    });

    it('starts another attempt only after a fault, and runs a program at most once per attempt', () => {
      for (const one of accepted) {
        const retries = (one.job?.attempt ?? 0) - 1;
        if (retries > 0) expect(faultsDuring(run, one)).toBeGreaterThanOrEqual(1);
        expect(service.meter?.runs.get(one.jobId) ?? 0).toBeLessThanOrEqual(retries + 1);
      }
    });
  });
}
