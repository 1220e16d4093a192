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
  /** Closes the repository as a shutdown does, and opens another one on the same data. */
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
        ['a job that was never executed', newJob()],
        ['a job with a value in every field', finishedJob()],
        ['an outcome of a program that never ran', finishedJob({ outcome: NEVER_RAN })],
      ])('give back %s unchanged', async (_what, job) => {
        await jobs.create(job);
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('store an output of 64 KiB on each stream completely', async () => {
        const outcome = { ...OUTCOME, stdout: '😀'.repeat(16_384), stderr: '\u0001'.repeat(65_536) };
        const job = await create(finishedJob({ outcome }));
        expect((await jobs.find(job.jobId))?.outcome).toEqual(outcome);
      });

      it('find nothing under an unknown id', async () => {
        await create(newJob());
        expect(await jobs.find(uuidv7())).toBeUndefined();
      });

      it('reject a second job with the same id and leave the first unchanged', async () => {
        const job = await create(finishedJob());
        await expect(jobs.create(newJob({ jobId: job.jobId }))).rejects.toMatchObject({
          code: 'storage-unavailable',
        });
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('accept a repeated creation of the same job', async () => {
        const job = await create(finishedJob());
        await expect(jobs.create(job)).resolves.toBeUndefined();
        expect(await jobs.find(job.jobId)).toEqual(job);
      });
    });

    describe('transition', () => {
      it('replaces the whole state and keeps the fields of the upload', async () => {
        const job = await create(newJob({ project: 'p', description: 'd' }));
        const changed = { ...job, ...finishedState() };
        expect(
          await jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, finishedState()),
        ).toEqual({ kind: 'changed', job: changed });
        expect(await jobs.find(job.jobId)).toEqual(changed);
      });

      it('removes fields that the new state does not have', async () => {
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

      it('returns `missing` for an unknown job, and creates none', async () => {
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

      it('succeeds with the current fencing token, and with none for a job that has none', async () => {
        const [job, fresh] = [await create(finishedJob()), await create(newJob())];
        for (const { jobId, attempt, fence } of [job, fresh]) {
          const from = { statuses: JOB_STATUSES, attempt, fence };
          expect(await jobs.transition(jobId, from, running(job))).toMatchObject({ kind: 'changed' });
        }
      });

      it('returns `changed` when repeated, and `conflict` for the same status of another execution', async () => {
        const job = await create(newJob());
        const [guard, started] = [{ statuses: ['PENDING'], attempt: 0 } as const, running(job)];
        const first = await jobs.transition(job.jobId, guard, started);
        expect(await jobs.transition(job.jobId, guard, started)).toEqual(first);
        const other = { ...started, fence: 'another' };
        expect(await jobs.transition(job.jobId, guard, other)).toMatchObject({ kind: 'conflict' });
      });

      it('changes no other job', async () => {
        const [job, other] = [await create(newJob()), await create(newJob())];
        await jobs.transition(job.jobId, { statuses: ['PENDING'], attempt: 0 }, running(job));
        expect(await jobs.find(other.jobId)).toEqual(other);
      });

      it('succeeds for exactly one of twenty that race from one state', async () => {
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
      'a transition and a field update conflict when the job is due at another time than %j',
      async (dueAt) => {
        const job = await create(finishedJob());
        const from = { statuses: JOB_STATUSES, attempt: job.attempt, dueAt };
        const conflict = { kind: 'conflict', current: job };
        expect(await jobs.transition(job.jobId, from, running(job))).toEqual(conflict);
        expect(await jobs.updateFields(job.jobId, from, { cancelRequested: false })).toEqual(conflict);
        expect(await jobs.find(job.jobId)).toEqual(job);
      },
    );

    it('transition and updateFields succeed with the current due time, and with none for a job that has none', async () => {
      const all = [await create(finishedJob()), await create(finishedJob({ dueAt: null }))];
      for (const job of all) {
        const from = { statuses: JOB_STATUSES, attempt: job.attempt, dueAt: job.dueAt };
        const updated = { ...job, cancelRequested: false };
        expect(await jobs.updateFields(job.jobId, from, { cancelRequested: false })).toEqual({
          kind: 'changed',
          job: updated,
        });
        expect(await jobs.transition(job.jobId, from, running(job))).toMatchObject({ kind: 'changed' });
      }
    });

    describe('updateFields', () => {
      const guardFor = ({ status, attempt, fence }: Job): TransitionGuard => ({
        statuses: [status],
        attempt,
        fence,
      });

      it.each<[string, JobFieldUpdate]>([
        ['a dispatch', { dispatch: DISPATCH }],
        ['no dispatch', { dispatch: null }],
        ['a due time', { dueAt: '2026-01-31T12:01:00.000Z' }],
        ['no due time', { dueAt: null }],
        ['a requested cancellation', { cancelRequested: true }],
        ['no requested cancellation', { cancelRequested: false }],
        ['all fields', { dispatch: DISPATCH, dueAt: '2026-01-31T12:01:00.000Z', cancelRequested: true }],
        ['no fields', { dispatch: null, dueAt: null, cancelRequested: false }],
      ])('writes %s, and changes nothing else', async (_what, update) => {
        const [full, bare, other] = [finishedJob(), newJob(), finishedJob()];
        for (const job of [full, bare, other]) await jobs.create(job);
        for (const job of [full, bare]) {
          const updated = { ...job, ...update };
          expect(await jobs.updateFields(job.jobId, guardFor(job), update)).toEqual({
            kind: 'changed',
            job: updated,
          });
          expect(await jobs.find(job.jobId)).toEqual(updated);
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
        expect(await jobs.updateFields(job.jobId, { ...guardFor(job), ...changes }, { dueAt: null })).toEqual(
          {
            kind: 'conflict',
            current: job,
          },
        );
        expect(await jobs.find(job.jobId)).toEqual(job);
      });

      it('returns `missing` for an unknown job, and creates none', async () => {
        const job = newJob();
        expect(await jobs.updateFields(job.jobId, guardFor(job), { dueAt: null })).toEqual({
          kind: 'missing',
        });
        expect(await jobs.find(job.jobId)).toBeUndefined();
      });

      it('returns `changed` when repeated, even if the due time has changed', async () => {
        const job = await create(finishedJob());
        const from = { ...guardFor(job), dueAt: job.dueAt };
        const update = { dueAt: '2026-01-31T12:01:00.000Z', dispatch: DISPATCH };
        const first = await jobs.updateFields(job.jobId, from, update);
        expect(first.kind).toBe('changed');
        expect(await jobs.updateFields(job.jobId, from, update)).toEqual(first);
        const other = { ...update, dueAt: '2026-01-31T12:02:00.000Z' };
        expect(await jobs.updateFields(job.jobId, from, other)).toMatchObject({ kind: 'conflict' });
      });

      it('succeeds for exactly one of twenty that saw the same due time', async () => {
        const job = await create(finishedJob());
        const from = { ...guardFor(job), dueAt: job.dueAt };
        const updates = Array.from({ length: 20 }, (_, index) => ({ dueAt: secondsLater(60 + index) }));
        const results = await Promise.all(
          updates.map((update) => jobs.updateFields(job.jobId, from, update)),
        );
        const winners = updates.filter((_, index) => results[index]?.kind === 'changed');
        expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(19);
        expect(winners).toHaveLength(1);
        expect(await jobs.find(job.jobId)).toEqual({ ...job, ...winners[0] });
      });
    });

    describe('findDue', () => {
      /** Repeats the query, because a job that has just become due may be missing. */
      async function expectDue(now: string, limit: number, expected: readonly Job[]): Promise<void> {
        const ids = expected.map(({ jobId }) => jobId);
        const untilMs = Date.now() + CONSISTENT_MS_MAX;
        while (!isDeepStrictEqual(await jobs.findDue(now, limit), ids) && Date.now() < untilMs)
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await jobs.findDue(now, limit)).toEqual(ids);
      }

      it('returns nothing when nothing is due', async () => {
        for (const dueAt of [null, secondsLater(1)]) await create(finishedJob({ dueAt }));
        await expectDue(secondsLater(0), 10, []);
      });

      it('returns jobs that are due, and not those that will be later', async () => {
        const [before, now] = [secondsLater(-1), secondsLater(0)];
        const jobsThen = [await create(newJob({ dueAt: before })), await create(newJob({ dueAt: now }))];
        await create(newJob({ dueAt: secondsLater(0.001) }));
        await expectDue(now, 10, jobsThen);
      });

      it('returns the longest overdue jobs of all buckets, up to the limit', async () => {
        const all: Job[] = [];
        for (const second of shuffled(50)) all.push(await create(newJob({ dueAt: secondsLater(second) })));
        const longest = [...all].sort((one, other) => ((one.dueAt ?? '') < (other.dueAt ?? '') ? -1 : 1));
        await expectDue(secondsLater(100), 7, longest.slice(0, 7));
        await expectDue(secondsLater(100), 1000, longest);
      });

      it('follows a changed or removed due time', async () => {
        const [job, other] = [newJob({ dueAt: secondsLater(1) }), newJob({ dueAt: secondsLater(5) })];
        for (const each of [job, other]) await jobs.create(each);
        const from = { statuses: JOB_STATUSES, attempt: 0 };
        await jobs.updateFields(job.jobId, from, { dueAt: secondsLater(9) });
        await expectDue(secondsLater(6), 10, [other]);
        await expectDue(secondsLater(10), 10, [other, job]);
        await jobs.updateFields(job.jobId, from, { dueAt: null });
        await expectDue(secondsLater(10), 10, [other]);
        await jobs.updateFields(job.jobId, from, { dueAt: secondsLater(2) });
        await expectDue(secondsLater(10), 10, [job, other]);
        await jobs.transition(job.jobId, from, { ...finishedState(), dueAt: null });
        await expectDue(secondsLater(10), 10, [other]);
        await jobs.transition(other.jobId, from, { ...finishedState(), dueAt: secondsLater(3) });
        await expectDue(secondsLater(4), 10, [other]);
      });
    });

    describe('list', () => {
      it('returns an empty page when there are no jobs', async () => {
        expect(await jobs.list({}, 10, undefined)).toEqual({ jobs: [], nextAfter: undefined });
      });

      it('returns the newest first, whatever the order of creation', async () => {
        const [oldest, middle, newest] = [newJob(), newJob(), newJob()];
        for (const job of [middle, newest, oldest]) await jobs.create(job);
        expect(idsOf(await jobs.list({}, 10, undefined))).toEqual(idsOf({ jobs: [newest, middle, oldest] }));
      });

      it('returns every field except output, compile report and dispatch fields', async () => {
        const outcome = { ...OUTCOME, stdout: '', stderr: '', compile: null };
        const { dispatch: _, dueAt: __, cancelRequested: ___, executionId: ____, ...shown } = finishedJob();
        await create(finishedJob({ jobId: shown.jobId, s3Key: shown.s3Key }));
        expect((await jobs.list({}, 10, undefined)).jobs).toMatchObject([{ ...shown, outcome }]);
      });

      it('returns exactly the matching jobs for every combination of filters', async () => {
        const all: Job[] = [];
        for (const status of ['PENDING', 'RUNNING', 'SUCCESS'] as const)
          for (const language of ['python', 'go'])
            for (const project of ['a', 'A', null])
              all.push(await create(newJob({ status, language, project })));
        for (const filter of combinations({ status: 'RUNNING', language: 'go', project: 'a' })) {
          const expected = all.filter((job) => matches(job, filter)).reverse();
          expect(expected).not.toHaveLength(0);
          expect([filter, idsOf(await jobs.list(filter, 100, undefined))]).toEqual([
            filter,
            idsOf({ jobs: expected }),
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

      it('returns no next page when the last one is exactly full', async () => {
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

    it('responds to a ping', async () => {
      await expect(jobs.ping()).resolves.toBeUndefined();
    });

    it('keeps acknowledged writes over a restart', async () => {
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
  exitCode: null,
  signal: null,
  resource: null,
  compile: null,
  timings: { ...OUTCOME.timings, compileMs: null, runMs: null },
};

const DISPATCH = {
  requestKey: 'requests/c.json',
  tries: 3,
  queuedAt: null,
  worker: 'http://10.0.0.8:8000',
  callbackUrl: null,
};

/** Milliseconds until an index is consistent with its table. */
const CONSISTENT_MS_MAX = 10_000;

/** RFC 3339, on the day of the fixtures. */
const secondsLater = (seconds: number): string =>
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
