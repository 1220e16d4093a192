import { randomBytes, randomInt } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { PREVIEW_BYTES } from '../../src/engine-contract/output.body';
import { JobResponse } from '../../src/jobs/dto/job.response.dto';
import { RECORD_MS_MAX } from '../../src/jobs/idempotency.repository';
import type { Outcome } from '../../src/jobs/job';
import { itemToRecord, recordToItem } from '../../src/storage/aws/idempotency-item';
import { newRecord } from './idempotency.repository.suite';
import { finishedJob } from './job.fixture';

/** Amazon DynamoDB Developer Guide, "Item sizes and formats": 400 KB, the including attribute names. */
const ITEM_BYTES_MAX = 400 * 1024;

const between = (least: number, most: number) => (): string => String.fromCodePoint(randomInt(least, most));
const OUTPUTS: [string, () => string][] = [
  ['control characters, which JSON escapes', between(0, 0x20)],
  ['all of ASCII at random', between(0, 0x80)],
  ['characters of two bytes at random', between(0x80, 0x800)],
  ['characters of three bytes at random', between(0x4e00, 0xa000)],
  ['characters of four bytes at random', between(0x10000, 0x110000)],
  ['quotes and backslashes', (): string => '"\\'.charAt(randomInt(2))],
  ['base64', (): string => randomBytes(3).toString('base64')],
];

/** Text of the maximum size of a preview in UTF-8. */
function preview(next: () => string): string {
  let [text, bytes] = ['', 0];
  for (;;) {
    const character = next();
    bytes += Buffer.byteLength(character);
    if (bytes > PREVIEW_BYTES) return text;
    text += character;
  }
}

function responseBodyOf(next: () => string): string {
  const job = finishedJob();
  const compile = job.outcome?.compile && {
    ...job.outcome.compile,
    stdout: preview(next),
    stderr: preview(next),
  };
  const outcome = { ...job.outcome, stdout: preview(next), stderr: preview(next), compile } as Outcome;
  return JSON.stringify(JobResponse.from({ ...job, outcome }, 'https://example.com/logs', null));
}

describe('the item of a stored response', () => {
  it.each(OUTPUTS)(
    'stays below the size limit of DynamoDB with four full previews of %s',
    async (_what, next) => {
      const record = newRecord({ response: { status: 200, headers: {}, body: responseBodyOf(next) } });
      const item = await recordToItem(record);
      const bytes = Object.values(marshall(item)).map(
        ({ S, B, N }) => B?.byteLength ?? Buffer.byteLength(S ?? N ?? ''),
      );
      expect(bytes.reduce((sum, size) => sum + size, 1024)).toBeLessThan(0.75 * ITEM_BYTES_MAX);
      expect((await itemToRecord(item)).response?.body === record.response?.body).toBe(true);
    },
  );

  it('expires 24 h after its request, in seconds, and never before', async () => {
    const createdAt = '2026-01-01T00:00:00.999Z';
    const expiresAt = (await recordToItem(newRecord({ createdAt })))['expires_at'];
    expect(expiresAt).toBe((Date.parse('2026-01-01T00:00:01Z') + RECORD_MS_MAX) / 1000);
  });
});
