/** What every IdempotencyRepository promises. */
import { randomUUID } from 'node:crypto';
import {
  type IdempotencyRecord,
  type IdempotencyRepository,
  RECORD_MS_MAX,
  type StoredResponse,
} from '../../src/jobs/idempotency.repository';

export interface IdempotencyRepositoryAdapter {
  readonly repository: IdempotencyRepository;
  /** Ends it as a shutdown does, and opens anew what it has kept. */
  reopen(): Promise<IdempotencyRepository>;
  close(): Promise<void>;
}

/** The real time: DynamoDB Local deletes what has expired by its own clock. */
const NOW = Date.now();
const after = (ms: number): string => new Date(NOW + ms).toISOString();

/** A plan has values of every type, and one that no other record has. */
export const newRecord = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  id: `upload#${randomUUID()}`,
  fingerprint: 'f'.repeat(64),
  plan: { job_id: randomUUID(), created_at: after(0), attempt: 1, is_asynchronous: false, fence: null },
  createdAt: after(0),
  answer: null,
  ...changes,
});

export const ANSWER: StoredResponse = {
  status: 201,
  headers: { location: '/api/status/1', 'preference-applied': 'respond-async' },
  body: '{"text":"é 漢 😀 \\u0001 \\" \\\\ \u2028"}\n\n\t',
};
const OTHER: StoredResponse = { status: 200, headers: {}, body: '{}' };

export function describeIdempotencyRepository(
  name: string,
  makeAdapter: () => Promise<IdempotencyRepositoryAdapter>,
): void {
  describe(`IdempotencyRepository: ${name}`, () => {
    let adapter: IdempotencyRepositoryAdapter;
    let repository: IdempotencyRepository;
    beforeEach(async () => {
      adapter = await makeAdapter();
      repository = adapter.repository;
    });
    afterEach(() => adapter.close());

    /** What there is under the id, as the next request sees it. */
    const found = ({ id }: IdempotencyRecord, createdAt = after(1)): Promise<IdempotencyRecord> =>
      repository.claim(newRecord({ id, createdAt }));
    const claimed = async (changes: Partial<IdempotencyRecord> = {}): Promise<IdempotencyRecord> => {
      const record = newRecord(changes);
      expect(await repository.claim(record)).toEqual(record);
      return record;
    };

    it('gives the first who claims its own record, and whoever comes later that one', async () => {
      const record = await claimed();
      expect(await found(record)).toEqual(record);
      expect(await repository.claim({ ...newRecord({ id: record.id }), fingerprint: 'other' })).toEqual(
        record,
      );
    });

    it('keeps each id apart, also the longest', async () => {
      const long = 'x'.repeat(127);
      const records = await Promise.all([`${long}a`, `${long}b`].map((id) => claimed({ id })));
      expect(await Promise.all(records.map((record) => found(record)))).toEqual(records);
    });

    it('gives the same record to whoever claims it again, also with its answer', async () => {
      const record = await claimed();
      expect(await repository.claim(record)).toEqual(record);
      await repository.complete(record, ANSWER);
      expect(await repository.claim(record)).toEqual({ ...record, answer: ANSWER });
    });

    it('of twenty who claim one id at once gives exactly one its own record, and all that one', async () => {
      const { id } = newRecord();
      const records = Array.from({ length: 20 }, () => newRecord({ id }));
      const given = await Promise.all(records.map((record) => repository.claim(record)));
      const [winner, ...others] = new Set(given.map(({ plan }) => plan['job_id']));
      expect(others).toEqual([]);
      const won = records.filter(({ plan }) => plan['job_id'] === winner);
      expect(won).toHaveLength(1);
      expect(await found(newRecord({ id }))).toEqual(won[0]);
    });

    it('counts a record as none once it is 24 h old, and not a millisecond earlier', async () => {
      const record = await claimed();
      await repository.complete(record, ANSWER);
      expect(await found(record, after(RECORD_MS_MAX - 1))).toEqual({ ...record, answer: ANSWER });
      const next = newRecord({ id: record.id, fingerprint: 'other', createdAt: after(RECORD_MS_MAX) });
      expect(await repository.claim(next)).toEqual(next);
      expect(await found(record, after(RECORD_MS_MAX + 1))).toEqual(next);
    });

    it('of twenty who claim what is forgotten gives exactly one its own record', async () => {
      const { id } = await claimed();
      const createdAt = after(RECORD_MS_MAX);
      const records = Array.from({ length: 20 }, () => newRecord({ id, createdAt }));
      const given = await Promise.all(records.map((record) => repository.claim(record)));
      expect(new Set(given.map(({ plan }) => plan['job_id'])).size).toBe(1);
      expect(records.map(({ plan }) => plan['job_id'])).toContain(given[0]?.plan['job_id']);
    });

    it('keeps an answer byte for byte, also over a restart', async () => {
      const record = await claimed();
      await repository.complete(record, ANSWER);
      repository = await adapter.reopen();
      expect(await found(record)).toEqual({ ...record, answer: ANSWER });
    });

    it.each([
      ['no body', { status: 204, headers: {}, body: '' }],
      ['a body with four previews of characters that JSON escapes', withBody('\u0001'.repeat(256 * 1024))],
      ['a body with four previews of characters of four bytes', withBody('😀'.repeat(64 * 1024))],
    ])('keeps an answer with %s', async (_what, answer) => {
      const record = await claimed();
      await repository.complete(record, answer);
      const kept = (await found(record)).answer;
      // Equal or not: a difference would be printed whole.
      expect(kept?.body === answer.body).toBe(true);
      expect([kept?.status, kept?.headers]).toEqual([answer.status, answer.headers]);
    });

    it('keeps the first answer, whoever completes the record again', async () => {
      const record = await claimed();
      expect(await repository.complete(record, ANSWER)).toEqual(ANSWER);
      expect(await repository.complete(record, OTHER)).toEqual(ANSWER);
      expect(await repository.complete(newRecord({ id: record.id }), OTHER)).toEqual(OTHER);
      expect((await found(record)).answer).toEqual(ANSWER);
    });

    it('of twenty who complete one record at once keeps exactly one answer', async () => {
      const record = await claimed();
      const answers = Array.from({ length: 20 }, (_, index) => ({ ...OTHER, body: index.toString() }));
      const given = await Promise.all(answers.map((answer) => repository.complete(record, answer)));
      const { answer } = await found(record);
      expect(answers).toContainEqual(answer);
      for (const one of given) expect(one).toEqual(answer);
      await repository.complete(record, ANSWER);
      expect((await found(record)).answer).toEqual(answer);
    });

    it('leaves a record of another plan as it is', async () => {
      const record = await claimed();
      const other = newRecord({ id: record.id });
      expect(await repository.complete(other, OTHER)).toEqual(OTHER);
      await repository.release(other);
      expect(await found(record)).toEqual(record);
    });

    it('forgets what is released, and gives the id to the next who claims it', async () => {
      const record = await claimed();
      await repository.release(record);
      const next = newRecord({ id: record.id, fingerprint: 'other' });
      expect(await repository.claim(next)).toEqual(next);
      expect(await found(record)).toEqual(next);
    });

    it('releases nothing twice, nothing that was never there, and nothing that has its answer', async () => {
      const record = await claimed();
      await repository.release(record);
      await repository.release(record);
      await repository.release(newRecord());
      const next = await claimed({ id: record.id });
      await repository.release(record);
      await repository.complete(next, ANSWER);
      await repository.release(next);
      expect(await found(record)).toEqual({ ...next, answer: ANSWER });
    });

    it('keeps the answer of a record that was released meanwhile, unless it has a new owner', async () => {
      const record = await claimed();
      await repository.release(record);
      await repository.complete(record, ANSWER);
      expect(await found(record)).toEqual({ ...record, answer: ANSWER });

      const lost = await claimed();
      await repository.release(lost);
      const next = await claimed({ id: lost.id });
      await repository.complete(lost, ANSWER);
      expect(await found(lost)).toEqual(next);
    });
  });
}

function withBody(text: string): StoredResponse {
  return { status: 200, headers: { 'retry-after': '1' }, body: JSON.stringify({ stdout: text }) };
}
