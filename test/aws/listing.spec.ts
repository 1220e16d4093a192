import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import type { Job } from '../../src/jobs/job';
import type { JobFilter } from '../../src/jobs/job.repository';
import { DynamoJobRepository } from '../../src/storage/aws/dynamo-job.repository';
import { jobToItem } from '../../src/storage/aws/job-item';
import { finishedState, newJob } from '../contract/job.fixture';
import { type Storage, createStorage } from './storage';

const JOBS = 20_000;
/** One of this many jobs belongs to the rare project. */
const RARE = 4_000;
/** Items per BatchWriteItem (Amazon DynamoDB API Reference). */
const BATCH = 25;
const WRITERS = 4;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

/** Jobs are one second apart, so that their ids are in the order of their indexes. */
const nthJob = (index: number): Job =>
  newJob({
    jobId: uuidv7({ msecs: START_MS + index * 1000 }),
    project: index % RARE === 0 ? 'rare' : 'common',
  });

async function fill({ settings, clients: { dynamo } }: Storage, jobs: readonly Job[]): Promise<void> {
  const batches = Array.from({ length: jobs.length / BATCH }, (_, index) =>
    jobs.slice(index * BATCH, (index + 1) * BATCH),
  );
  const write = async (): Promise<void> => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) {
      const items = await Promise.all(
        batch.map((job) => jobToItem(job, settings.listShards, settings.retentionDays)),
      );
      let rest: BatchWriteCommandInput['RequestItems'] = {
        [settings.table]: items.map((Item) => ({ PutRequest: { Item } })),
      };
      // DynamoDB returns the items that it did not write.
      while (Object.keys(rest ?? {}).length > 0)
        rest = (await dynamo.send(new BatchWriteCommand({ RequestItems: rest }))).UnprocessedItems;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

describe('the list of 20,000 jobs', () => {
  let storage: Storage;
  let repository: DynamoJobRepository;
  let jobs: readonly Job[];
  let evaluated = 0;
  beforeAll(async () => {
    storage = await createStorage();
    repository = new DynamoJobRepository(storage.settings, storage.clients, storage.calls);
    jobs = Array.from({ length: JOBS }, (_, index) => nthJob(index));
    await fill(storage, jobs);
    storage.clients.dynamo.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        evaluated += (result.output as { ScannedCount?: number }).ScannedCount ?? 0;
        return result;
      },
      { step: 'initialize' },
    );
  }, 300_000);
  beforeEach(() => {
    evaluated = 0;
  });

  async function allIds(
    filter: JobFilter,
    limit: number,
    meanwhile: (page: number) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<{ ids: string[]; pages: number }> {
    const ids: string[] = [];
    let [after, pages] = [undefined as string | undefined, 0];
    do {
      const page = await repository.list(filter, limit, after);
      ids.push(...page.jobs.map(({ jobId }) => jobId));
      after = page.nextAfter;
      await meanwhile((pages += 1));
    } while (after !== undefined);
    return { ids, pages };
  }

  const newestFirst = (which: readonly Job[]): string[] => which.map(({ jobId }) => jobId).reverse();

  it('returns every job exactly once over all pages while jobs are created and changed', async () => {
    const { ids, pages } = await allIds({}, 1000, async (page) => {
      await repository.create(newJob());
      const job = jobs[(page * 997) % JOBS];
      await repository.transition(job?.jobId ?? '', { statuses: ['PENDING'], attempt: 0 }, finishedState());
    });
    expect(pages).toBe(JOBS / 1000);
    expect(ids).toEqual(newestFirst(jobs));
  }, 120_000);

  it.each([10, 100, 1000])(
    'for a page of %d evaluates at most three times as many entries plus 40',
    async (limit) => {
      const middle = jobs[JOBS / 2]?.jobId;
      expect((await repository.list({}, limit, middle)).jobs).toHaveLength(limit);
      expect(evaluated).toBeLessThanOrEqual(3 * limit + 40);
    },
  );

  it('finds the few jobs that match a filter at a bounded cost per page', async () => {
    const { ids, pages } = await allIds({ project: 'rare' }, 100);
    expect(ids).toEqual(newestFirst(jobs.filter(({ project }) => project === 'rare')));
    expect(evaluated / pages).toBeLessThanOrEqual(18_000);
    expect(pages).toBeGreaterThan(1);
  }, 120_000);
});
