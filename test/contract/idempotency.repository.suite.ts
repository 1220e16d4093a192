import { randomUUID } from 'node:crypto';
import {
  type IdempotencyRecord,
  type IdempotencyRepository,
  RECORD_MS_MAX,
  type StoredResponse,
} from '../../src/jobs/idempotency.repository';

export interface IdempotencyRepositoryAdapter {
  readonly repository: IdempotencyRepository;
  /** Closes the repository as a shutdown does, and opens another one on the same data. */
  reopen(): Promise<IdempotencyRepository>;
  close(): Promise<void>;
}

/** The real time: DynamoDB Local deletes what has expired by its own clock. */
const NOW = Date.now();
const after = (ms: number): string => new Date(NOW + ms).toISOString();

/** The plan has a value of every type, and one that is unique. */
export const newRecord = (changes: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  id: `upload#${randomUUID()}`,
  fingerprint: 'f'.repeat(64),
  plan: { job_id: randomUUID(), created_at: after(0), attempt: 1, is_asynchronous: false, fence: null },
  createdAt: after(0),
  response: null,
  ...changes,
});

export const RESPONSE: StoredResponse = {
  status: 201,
  headers: { location: '/api/status/1', 'preference-applied': 'respond-async' },
  body: '{"text":"é 漢 😀 \\u0001 \\" \\\\ \u2028"}\n\n\t',
};
const OTHER_RESPONSE: StoredResponse = { status: 200, headers: {}, body: '{}' };

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

    /** The record under the id, as the next request sees it. */
    const readRecord = ({ id }: IdempotencyRecord, createdAt = after(1)): Promise<IdempotencyRecord> =>
      repository.claim(newRecord({ id, createdAt }));
    const claimRecord = async (changes: Partial<IdempotencyRecord> = {}): Promise<IdempotencyRecord> => {
      const record = newRecord(changes);
      expect(await repository.claim(record)).toEqual(record);
      return record;
    };

    it('returns the first claim its own record, and later claims that record', async () => {
      const record = await claimRecord();
      expect(await readRecord(record)).toEqual(record);
      expect(await repository.claim({ ...newRecord({ id: record.id }), fingerprint: 'other' })).toEqual(
        record,
      );
    });

    it('keeps ids apart, even the longest', async () => {
      const long = 'x'.repeat(127);
      const records = await Promise.all([`${long}a`, `${long}b`].map((id) => claimRecord({ id })));
      expect(await Promise.all(records.map((record) => readRecord(record)))).toEqual(records);
    });

    it('returns the record to a repeated claim, also with its response', async () => {
      const record = await claimRecord();
      expect(await repository.claim(record)).toEqual(record);
      await repository.complete(record, RESPONSE);
      expect(await repository.claim(record)).toEqual({ ...record, response: RESPONSE });
    });

    it('lets exactly one of twenty concurrent claims succeed, and returns its record to all', async () => {
      const { id } = newRecord();
      const records = Array.from({ length: 20 }, () => newRecord({ id }));
      const results = await Promise.all(records.map((record) => repository.claim(record)));
      const [winner, ...others] = new Set(results.map(({ plan }) => plan['job_id']));
      expect(others).toEqual([]);
      const won = records.filter(({ plan }) => plan['job_id'] === winner);
      expect(won).toHaveLength(1);
      expect(await readRecord(newRecord({ id }))).toEqual(won[0]);
    });

    it('expires a record after 24 h, and not a millisecond earlier', async () => {
      const record = await claimRecord();
      await repository.complete(record, RESPONSE);
      expect(await readRecord(record, after(RECORD_MS_MAX - 1))).toEqual({ ...record, response: RESPONSE });
      const next = newRecord({ id: record.id, fingerprint: 'other', createdAt: after(RECORD_MS_MAX) });
      expect(await repository.claim(next)).toEqual(next);
      expect(await readRecord(record, after(RECORD_MS_MAX + 1))).toEqual(next);
    });

    it('lets exactly one of twenty claims replace an expired record', async () => {
      const { id } = await claimRecord();
      const createdAt = after(RECORD_MS_MAX);
      const records = Array.from({ length: 20 }, () => newRecord({ id, createdAt }));
      const results = await Promise.all(records.map((record) => repository.claim(record)));
      expect(new Set(results.map(({ plan }) => plan['job_id'])).size).toBe(1);
      expect(records.map(({ plan }) => plan['job_id'])).toContain(results[0]?.plan['job_id']);
    });

    it('stores a response byte for byte, also over a restart', async () => {
      const record = await claimRecord();
      await repository.complete(record, RESPONSE);
      repository = await adapter.reopen();
      expect(await readRecord(record)).toEqual({ ...record, response: RESPONSE });
    });

    it.each([
      ['no body', { status: 204, headers: {}, body: '' }],
      ['a body with four previews of characters that JSON escapes', withBody('\u0001'.repeat(256 * 1024))],
      ['a body with four previews of characters of four bytes', withBody('😀'.repeat(64 * 1024))],
    ])('keeps a response with %s', async (_what, response) => {
      const record = await claimRecord();
      await repository.complete(record, response);
      const kept = (await readRecord(record)).response;
      // Compare to a boolean, because a failure would print both texts completely.
      expect(kept?.body === response.body).toBe(true);
      expect([kept?.status, kept?.headers]).toEqual([response.status, response.headers]);
    });

    it('keeps the first response when a record is completed again', async () => {
      const record = await claimRecord();
      expect(await repository.complete(record, RESPONSE)).toEqual(RESPONSE);
      expect(await repository.complete(record, OTHER_RESPONSE)).toEqual(RESPONSE);
      expect(await repository.complete(newRecord({ id: record.id }), OTHER_RESPONSE)).toEqual(OTHER_RESPONSE);
      expect((await readRecord(record)).response).toEqual(RESPONSE);
    });

    it('keeps exactly one response of twenty concurrent completions', async () => {
      const record = await claimRecord();
      const responses = Array.from({ length: 20 }, (_, index) => ({
        ...OTHER_RESPONSE,
        body: index.toString(),
      }));
      const results = await Promise.all(responses.map((response) => repository.complete(record, response)));
      const { response } = await readRecord(record);
      expect(responses).toContainEqual(response);
      for (const one of results) expect(one).toEqual(response);
      await repository.complete(record, RESPONSE);
      expect((await readRecord(record)).response).toEqual(response);
    });

    it('does not change a record with another plan', async () => {
      const record = await claimRecord();
      const other = newRecord({ id: record.id });
      expect(await repository.complete(other, OTHER_RESPONSE)).toEqual(OTHER_RESPONSE);
      await repository.release(other);
      expect(await readRecord(record)).toEqual(record);
    });

    it('removes a released record, and lets the next claim succeed', async () => {
      const record = await claimRecord();
      await repository.release(record);
      const next = newRecord({ id: record.id, fingerprint: 'other' });
      expect(await repository.claim(next)).toEqual(next);
      expect(await readRecord(record)).toEqual(next);
    });

    it('ignores a repeated release, and the release of a missing or completed record', async () => {
      const record = await claimRecord();
      await repository.release(record);
      await repository.release(record);
      await repository.release(newRecord());
      const next = await claimRecord({ id: record.id });
      await repository.release(record);
      await repository.complete(next, RESPONSE);
      await repository.release(next);
      expect(await readRecord(record)).toEqual({ ...next, response: RESPONSE });
    });

    it('stores the response of a record that was released in the meantime, unless another claim holds the id', async () => {
      const record = await claimRecord();
      await repository.release(record);
      await repository.complete(record, RESPONSE);
      expect(await readRecord(record)).toEqual({ ...record, response: RESPONSE });

      const lost = await claimRecord();
      await repository.release(lost);
      const next = await claimRecord({ id: lost.id });
      await repository.complete(lost, RESPONSE);
      expect(await readRecord(lost)).toEqual(next);
    });
  });
}

function withBody(text: string): StoredResponse {
  return { status: 200, headers: { 'retry-after': '1' }, body: JSON.stringify({ stdout: text }) };
}
