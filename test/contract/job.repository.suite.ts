/** What every JobRepository promises. */
import { isDeepStrictEqual } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { JOB_STATUSES, type Job } from '../../src/jobs/job';
import { stateOf } from '../../src/jobs/job-transitions';
import type {
  JobFieldUpdate,
  TransitionGuard,
  JobFilter,
  JobPage,
  JobRepository,
} from '../../src/jobs/job.repository';
import { OUTCOME, finishedJob, finishedState, newJob, running } from './job.fixture';

export interface JobRepositoryAdapter {
  readonly repository: JobRepository;
  /** Ends it as a shutdown does, and opens anew what it has kept. */
  reopen(): Promise<JobRepository>;
  close(): Promise<void>;
}

export function describeJobRepository(name: string, makeAdapter: () => Promise<JobRepositoryAdapter>): void {
  describe(`JobRepository: ${name}`, () => {
    let adapter: JobRepositoryAdapter;
    let jobs: JobRepository;
    beforeEach(async () => {
      adapter = await makeAdapter();
      jobs = adapter.repository;
    });
    afterEach(() => adapter.close());

    const create = async (job: Job): Promise<Job> => {
      await jobs.create(job);
      return job;
    };

    describe('create and find', () => {
      it.each([
        ['a job that nobody executed', newJob()],
        ['a job with a value in every field', finishedJob()],
        ['an outcome of a program that never ran', finishedJob({ outcome: NEVER_RAN })],
      ])('give back %s unchanged', async (_what, job) => {
        await jobs.create(job);
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('keep an output of 64 KiB on each stream whole', async () => {
        const outcome = { ...OUTCOME, stdout: '😀'.repeat(16_384), stderr: '\u0001'.repeat(65_536) };
        const job = await create(finishedJob({ outcome }));
        expect((await jobs.find(job.jobId))?.outcome).toEqual(outcome);
      });

      it('find nothing under an id that nobody has', async () => {
        await create(newJob());
        expect(await jobs.find(uuidv7())).toBeUndefined();
      });

      it('refuse a second job with the same id and leave the first as it is', async () => {
        const job = await create(finishedJob());
        await expect(jobs.create(newJob({ jobId: job.jobId }))).rejects.toMatchObject({
          code: 'storage-unavailable',
        });
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('create the same job again without a fault', async () => {
        const job = await create(finishedJob());
        await expect(jobs.create(job)).resolves.toBeUndefined();
        expect(await jobs.find(job.jobId)).toEqual(job);
      });
    });

    describe('transition', () => {
      it('changes the whole state and nothing of the upload', async () => {
        const job = await create(newJob({ project: 'p', description: 'd' }));
        const changed = { ...job, ...finishedState() };
        expect(
          await jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, finishedState()),
        ).toEqual({ kind: 'changed', job: changed });
        expect(await jobs.find(job.jobId)).toEqual(changed);
      });

      it('takes away what the state before had and the new one has not', async () => {
        const job = await create(finishedJob());
        await jobs.transition(job.jobId, { statuses: ['FAILED'], attempt: 7 }, running(job));
        const found = await jobs.find(job.jobId);
        expect(found).toMatchObject({ status: 'RUNNING', attempt: 8, verdict: null, outcome: null });
        expect(found).toMatchObject({ completedAt: null, errorMessage: null, logsAttempt: 6 });
      });

      it.each(JOB_STATUSES)(
        'from another status than %s is a conflict that carries the job',
        async (status) => {
          const job = await create(finishedJob({ status }));
          const others = JOB_STATUSES.filter((other) => other !== status);
          const from = { statuses: others, attempt: job.attempt };
          expect(await jobs.transition(job.jobId, from, running(job))).toEqual({
            kind: 'conflict',
            current: job,
          });
          expect(await jobs.find(job.jobId)).toEqual(job);
        },
      );

      it.each([6, 8])(
        'from attempt %d of a job in attempt 7 is a conflict, in the right status',
        async (attempt) => {
          const job = await create(finishedJob());
          const from = { statuses: JOB_STATUSES, attempt };
          expect(await jobs.transition(job.jobId, from, running(job))).toEqual({
            kind: 'conflict',
            current: job,
          });
          expect(await jobs.find(job.jobId)).toEqual(job);
        },
      );

      it('of a job that nobody has is missing, and makes none', async () => {
        const job = newJob();
        const from = { statuses: JOB_STATUSES, attempt: 0 };
        expect(await jobs.transition(job.jobId, from, running(job))).toEqual({ kind: 'missing' });
        expect(await jobs.find(job.jobId)).toBeUndefined();
      });

      it.each(['another', null])(
        'from the fence %j of a job that has its own is a conflict',
        async (fence) => {
          const job = await create(finishedJob());
          const from = { statuses: JOB_STATUSES, attempt: job.attempt, fence };
          expect(await jobs.transition(job.jobId, from, running(job))).toEqual({
            kind: 'conflict',
            current: job,
          });
          expect(await jobs.find(job.jobId)).toEqual(job);
        },
      );

      it('from its own fence happens, and so does one from none of a job that has none', async () => {
        const [job, fresh] = [await create(finishedJob()), await create(newJob())];
        for (const { jobId, attempt, fence } of [job, fresh]) {
          const from = { statuses: JOB_STATUSES, attempt, fence };
          expect(await jobs.transition(jobId, from, running(job))).toMatchObject({ kind: 'changed' });
        }
      });

      it('that is repeated is changed, and one into the same status by another execution a conflict', async () => {
        const job = await create(newJob());
        const [from, begun] = [{ statuses: ['PENDING'], attempt: 0 } as const, running(job)];
        const first = await jobs.transition(job.jobId, from, begun);
        expect(await jobs.transition(job.jobId, from, begun)).toEqual(first);
        const other = { ...begun, fence: 'another' };
        expect(await jobs.transition(job.jobId, from, other)).toMatchObject({ kind: 'conflict' });
      });

      it('leaves every other job alone', async () => {
        const [job, other] = [await create(newJob()), await create(newJob())];
        await jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, running(job));
        expect(await jobs.find(other.jobId)).toEqual(other);
      });

      it('of twenty that race from one state is made by exactly one, and that one is what is found', async () => {
        const job = await create(newJob());
        const states = Array.from({ length: 20 }, (_, index) => ({ ...running(job), timeoutMs: index + 1 }));
        const transitions = await Promise.all(
          states.map((state) => jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, state)),
        );
        const winners = states.filter((_, index) => transitions[index]?.kind === 'changed');
        expect(transitions.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
        expect(winners).toHaveLength(1);
        expect(stateOf((await jobs.find(job.jobId)) ?? job)).toEqual(winners[0]);
      });
    });

    it.each(['2026-01-31T12:00:09.000Z', null])(
      'transition and amend when the job is due at another time than %j is a conflict',
      async (dueAt) => {
        const job = await create(finishedJob());
        const from = { statuses: JOB_STATUSES, attempt: job.attempt, dueAt };
        const conflict = { kind: 'conflict', current: job };
        expect(await jobs.transition(job.jobId, from, running(job))).toEqual(conflict);
        expect(await jobs.updateFields(job.jobId, from, { cancelRequested: false })).toEqual(conflict);
        expect(await jobs.find(job.jobId)).toEqual(job);
      },
    );

    it('transition and amend happen to a job that is due then, and to one that never is', async () => {
      const all = [await create(finishedJob()), await create(finishedJob({ dueAt: null }))];
      for (const job of all) {
        const from = { statuses: JOB_STATUSES, attempt: job.attempt, dueAt: job.dueAt };
        const amended = { ...job, cancelRequested: false };
        expect(await jobs.updateFields(job.jobId, from, { cancelRequested: false })).toEqual({
          kind: 'changed',
          job: amended,
        });
        expect(await jobs.transition(job.jobId, from, running(job))).toMatchObject({ kind: 'changed' });
      }
    });

    describe('amend', () => {
      const fromOf = ({ status, attempt, fence }: Job): TransitionGuard => ({
        statuses: [status],
        attempt,
        fence,
      });

      it.each<[string, JobFieldUpdate]>([
        ['what is left to be done', { dispatch: DISPATCH }],
        ['nothing left to be done', { dispatch: null }],
        ['when it is due', { dueAt: '2026-01-31T12:01:00.000Z' }],
        ['that it is never due', { dueAt: null }],
        ['that it shall end', { cancelRequested: true }],
        ['that it need not end', { cancelRequested: false }],
        ['all of it', { dispatch: DISPATCH, dueAt: '2026-01-31T12:01:00.000Z', cancelRequested: true }],
        ['nothing of it', { dispatch: null, dueAt: null, cancelRequested: false }],
      ])('writes %s, and changes nothing else', async (_what, amendment) => {
        const [full, bare, other] = [finishedJob(), newJob(), finishedJob()];
        for (const job of [full, bare, other]) await jobs.create(job);
        for (const job of [full, bare]) {
          const amended = { ...job, ...amendment };
          expect(await jobs.updateFields(job.jobId, fromOf(job), amendment)).toEqual({
            kind: 'changed',
            job: amended,
          });
          expect(await jobs.find(job.jobId)).toEqual(amended);
        }
        expect(await jobs.find(other.jobId)).toEqual(other);
      });

      it.each<[string, Partial<TransitionGuard>]>([
        ['another status', { statuses: JOB_STATUSES.filter((status) => status !== 'FAILED') }],
        ['another attempt', { attempt: 6 }],
        ['another fence', { fence: 'another' }],
        ['no fence', { fence: null }],
      ])('from %s is a conflict that carries the job', async (_what, changes) => {
        const job = await create(finishedJob());
        expect(await jobs.updateFields(job.jobId, { ...fromOf(job), ...changes }, { dueAt: null })).toEqual({
          kind: 'conflict',
          current: job,
        });
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('of a job that nobody has is missing, and makes none', async () => {
        const job = newJob();
        expect(await jobs.updateFields(job.jobId, fromOf(job), { dueAt: null })).toEqual({ kind: 'missing' });
        expect(await jobs.find(job.jobId)).toBeUndefined();
      });

      it('that is repeated is changed, although the job is due at another time by then', async () => {
        const job = await create(finishedJob());
        const from = { ...fromOf(job), dueAt: job.dueAt };
        const amendment = { dueAt: '2026-01-31T12:01:00.000Z', dispatch: DISPATCH };
        const first = await jobs.updateFields(job.jobId, from, amendment);
        expect(first.kind).toBe('changed');
        expect(await jobs.updateFields(job.jobId, from, amendment)).toEqual(first);
        const other = { ...amendment, dueAt: '2026-01-31T12:02:00.000Z' };
        expect(await jobs.updateFields(job.jobId, from, other)).toMatchObject({ kind: 'conflict' });
      });

      it('of twenty that saw it due at one time is made by exactly one, and that one is what is found', async () => {
        const job = await create(finishedJob());
        const from = { ...fromOf(job), dueAt: job.dueAt };
        const amendments = Array.from({ length: 20 }, (_, index) => ({ dueAt: secondsOn(60 + index) }));
        const results = await Promise.all(
          amendments.map((amendment) => jobs.updateFields(job.jobId, from, amendment)),
        );
        const winners = amendments.filter((_, index) => results[index]?.kind === 'changed');
        expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
        expect(winners).toHaveLength(1);
        expect(await jobs.find(job.jobId)).toEqual({ ...job, ...winners[0] });
      });
    });

    describe('due', () => {
      /** What is due in the end: what became so a moment ago may be missing. */
      async function expectDue(now: string, limit: number, wanted: readonly Job[]): Promise<void> {
        const ids = wanted.map(({ jobId }) => jobId);
        const untilMs = Date.now() + CONSISTENT_MS_MAX;
        while (!isDeepStrictEqual(await jobs.findDue(now, limit), ids) && Date.now() < untilMs)
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await jobs.findDue(now, limit)).toEqual(ids);
      }

      it('gives nothing when nothing is', async () => {
        for (const dueAt of [null, secondsOn(1)]) await create(finishedJob({ dueAt }));
        await expectDue(secondsOn(0), 10, []);
      });

      it('gives what is due by now, and not what will be', async () => {
        const [before, now] = [secondsOn(-1), secondsOn(0)];
        const jobsThen = [await create(newJob({ dueAt: before })), await create(newJob({ dueAt: now }))];
        await create(newJob({ dueAt: secondsOn(0.001) }));
        await expectDue(now, 10, jobsThen);
      });

      it('gives of all jobs, wherever they are kept, those that are due longest, no more than asked for', async () => {
        const all: Job[] = [];
        for (const second of shuffled(50)) all.push(await create(newJob({ dueAt: secondsOn(second) })));
        const longest = [...all].sort((one, other) => ((one.dueAt ?? '') < (other.dueAt ?? '') ? -1 : 1));
        await expectDue(secondsOn(100), 7, longest.slice(0, 7));
        await expectDue(secondsOn(100), 1000, longest);
      });

      it('follows a job when it becomes due at another time, or is not due any more', async () => {
        const [job, other] = [newJob({ dueAt: secondsOn(1) }), newJob({ dueAt: secondsOn(5) })];
        for (const each of [job, other]) await jobs.create(each);
        const from = { statuses: JOB_STATUSES, attempt: 0 };
        await jobs.updateFields(job.jobId, from, { dueAt: secondsOn(9) });
        await expectDue(secondsOn(6), 10, [other]);
        await expectDue(secondsOn(10), 10, [other, job]);
        await jobs.updateFields(job.jobId, from, { dueAt: null });
        await expectDue(secondsOn(10), 10, [other]);
        await jobs.updateFields(job.jobId, from, { dueAt: secondsOn(2) });
        await expectDue(secondsOn(10), 10, [job, other]);
        await jobs.transition(job.jobId, from, { ...finishedState(), dueAt: null });
        await expectDue(secondsOn(10), 10, [other]);
        await jobs.transition(other.jobId, from, { ...finishedState(), dueAt: secondsOn(3) });
        await expectDue(secondsOn(4), 10, [other]);
      });
    });

    describe('list', () => {
      it('gives no job when there are none', async () => {
        expect(await jobs.list({}, 10, undefined)).toEqual({ jobs: [], nextAfter: undefined });
      });

      it('is newest first, whatever the order of creation', async () => {
        const [oldest, middle, newest] = [newJob(), newJob(), newJob()];
        for (const job of [middle, newest, oldest]) await jobs.create(job);
        expect(idsOf(await jobs.list({}, 10, undefined))).toEqual(idsOf({ jobs: [newest, middle, oldest] }));
      });

      it('carries every field but the output, the compile report and what an execution keeps for itself', async () => {
        const outcome = { ...OUTCOME, stdout: '', stderr: '', compile: null };
        const { dispatch: _, dueAt: __, cancelRequested: ___, executionId: ____, ...shown } = finishedJob();
        await create(finishedJob({ jobId: shown.jobId, s3Key: shown.s3Key }));
        expect((await jobs.list({}, 10, undefined)).jobs).toMatchObject([{ ...shown, outcome }]);
      });

      it('by every filter and every combination gives exactly the jobs that match', async () => {
        const all: Job[] = [];
        for (const status of ['PENDING', 'RUNNING', 'SUCCESS'] as const)
          for (const language of ['python', 'go'])
            for (const project of ['a', 'A', null])
              all.push(await create(newJob({ status, language, project })));
        for (const filter of combinations({ status: 'RUNNING', language: 'go', project: 'a' })) {
          const wanted = all.filter((job) => matches(job, filter)).reverse();
          expect(wanted).not.toHaveLength(0);
          expect([filter, idsOf(await jobs.list(filter, 100, undefined))]).toEqual([
            filter,
            idsOf({ jobs: wanted }),
          ]);
        }
        expect((await jobs.list({ project: 'b' }, 100, undefined)).jobs).toEqual([]);
      });

      it('follows a job from one status to the next', async () => {
        const job = await create(newJob());
        await jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, running(job));
        expect(idsOf(await jobs.list({ status: 'PENDING' }, 10, undefined))).toEqual([]);
        expect(idsOf(await jobs.list({ status: 'RUNNING' }, 10, undefined))).toEqual([job.jobId]);
      });

      it('has no next page when the last one is exactly full', async () => {
        for (let count = 0; count < 4; count += 1) await create(newJob());
        const first = await jobs.list({}, 2, undefined);
        const second = await jobs.list({}, 2, first.nextAfter);
        expect([first.jobs.length, second.jobs.length, second.nextAfter]).toEqual([2, 2, undefined]);
      });

      it.each<[string, JobFilter]>([
        ['all jobs', {}],
        ['the jobs of a filter', { language: 'go', project: 'p' }],
      ])('by pages gives %s exactly once, also while new ones are created', async (_what, filter) => {
        const before: Job[] = [];
        for (let index = 0; index < 330; index += 1)
          before.push(
            await create(newJob({ language: index % 3 ? 'go' : 'c', project: index % 2 ? 'p' : 'q' })),
          );
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await jobs.list(filter, 7, after);
          seen.push(...idsOf(page));
          after = page.nextAfter;
          await create(newJob({ language: 'go', project: 'p' }));
        } while (after !== undefined);
        expect(seen).toEqual(idsOf({ jobs: before.filter((job) => matches(job, filter)).reverse() }));
      });
    });

    it('answers a ping', async () => {
      await expect(jobs.ping()).resolves.toBeUndefined();
    });

    it('keeps what it has acknowledged when it is closed and opened again', async () => {
      const [created, changed] = [await create(finishedJob()), await create(newJob())];
      await jobs.transition(changed.jobId, { statuses: ['PENDING'], attempt: 0 }, finishedState());
      const reopened = await adapter.reopen();
      expect(await reopened.find(created.jobId)).toEqual(created);
      expect(await reopened.find(changed.jobId)).toEqual({ ...changed, ...finishedState() });
    });
  });
}

const NEVER_RAN = {
  ...OUTCOME,
  ...{ exitCode: null, signal: null, resource: null, compile: null },
  timings: { ...OUTCOME.timings, compileMs: null, runMs: null },
};

const DISPATCH = {
  ...{ requestKey: 'requests/c.json', tries: 3, queuedAt: null },
  ...{ worker: 'http://10.0.0.8:8000', callbackUrl: null },
};

/** ms until an index has what its table has. */
const CONSISTENT_MS_MAX = 10_000;

/** RFC 3339, on the day of the fixtures. */
const secondsOn = (seconds: number): string =>
  new Date(Date.parse('2026-01-31T12:00:00.000Z') + seconds * 1000).toISOString();

/** Each number below this one, which seven must not divide, out of order. */
const shuffled = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * 7) % count);

const idsOf = ({ jobs }: Pick<JobPage, 'jobs'>): string[] => jobs.map(({ jobId }) => jobId);

const matches = (job: Job, { status, language, project }: JobFilter): boolean =>
  (status === undefined || job.status === status) &&
  (language === undefined || job.language === language) &&
  (project === undefined || job.project === project);

/** The filter with each subset of its fields. */
function combinations({ status, language, project }: JobFilter): JobFilter[] {
  return Array.from({ length: 8 }, (_, bits) => ({
    status: bits & 1 ? status : undefined,
    language: bits & 2 ? language : undefined,
    project: bits & 4 ? project : undefined,
  }));
}
