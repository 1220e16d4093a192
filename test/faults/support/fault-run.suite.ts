/** What holds after any faults: nothing that was accepted is lost, and everything has one result. */
import { EXECUTION_ATTEMPTS_MAX } from './attempts-max';
import { type FaultRun, FAULT_SECONDS, FAULT_SEED, type Settled, runUnderFaults } from './fault-run';
import { faultsMeanwhile, figures } from './figures';
import { type Service } from './service';

/** ms to start, to settle and to read everything back. */
const MORE_MS = 300_000;

export function faultRunSuite(name: string, start: () => Promise<Service>): void {
  describe(`${name} under kills and cuts`, () => {
    let service: Service;
    let run: FaultRun;
    let accepted: readonly Settled[];
    beforeAll(
      async () => {
        process.stderr.write(`${name}: FAULT_SEED=${FAULT_SEED.toString()}\n`);
        service = await start();
        run = await runUnderFaults(service);
        accepted = run.settled.filter((one) => one.accepted);
        process.stderr.write(`${name}\n${figures(run, service.meter)}\n`);
      },
      FAULT_SECONDS * 1000 + MORE_MS,
    );
    afterAll(() => service.close());

    it('loses no upload', async () => {
      const load = service.gateways[0]?.api;
      for (const jobId of run.uploads) expect((await load?.get(`/api/status/${jobId}`))?.status).toBe(200);
    });

    it('brings every execution that it accepted to an end, and leaves none in between', () => {
      expect(run.settled.filter(({ job }) => !job).map(({ jobId }) => jobId)).toEqual([]);
      expect(accepted.length).toBeGreaterThan(FAULT_SECONDS / 5);
    });

    it('gives each one result, which every gateway tells alike', async () => {
      for (const { jobId, job, answered } of accepted) {
        if (answered) expect(job).toEqual(answered);
        for (const { api } of service.gateways) expect(await api.status(jobId)).toEqual(job);
      }
    });

    it('has the whole output of each that succeeded, of its last attempt alone', async () => {
      for (const { jobId, job, program } of accepted.filter(({ job }) => job?.status === 'SUCCESS')) {
        const logs = await service.gateways[0]?.api.get<string>(`/api/jobs/${jobId}/logs`);
        expect([job?.status, logs?.body === program.output]).toEqual(['SUCCESS', true]);
      }
    });

    it('fails an execution only for a reason, and one that nobody waits for only when all tries are used up', () => {
      for (const { kind, job } of accepted.filter(({ job }) => job?.status !== 'SUCCESS')) {
        expect(job).toMatchObject({ verdict: 'ENGINE_ERROR', error_message: expect.any(String) as string });
        if (kind === 'async')
          expect(job?.error_message).toContain(`It was attempted ${EXECUTION_ATTEMPTS_MAX} times.`);
      }
    });

    it('begins none again but for a fault, and runs a program at most once an attempt', () => {
      for (const one of accepted) {
        const again = (one.job?.attempt ?? 0) - 1;
        if (again > 0) expect(faultsMeanwhile(run, one)).toBeGreaterThanOrEqual(1);
        expect(service.meter?.runs.get(one.jobId) ?? 0).toBeLessThanOrEqual(again + 1);
      }
    });
  });
}
