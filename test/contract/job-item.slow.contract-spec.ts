import { randomBytes, randomInt } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { PREVIEW_BYTES } from '../../src/engine-contract/output.body';
import { finishedJob } from './job.fixture';
import type { Outcome } from '../../src/jobs/job';
import { itemToJob, jobToItem } from '../../src/storage/aws/job-item';

/** Amazon DynamoDB Developer Guide, "Item sizes and formats": 400 KB, the including attribute names. */
const ITEM_BYTES_MAX = 400 * 1024;

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

const between = (least: number, most: number) => (): string => String.fromCodePoint(randomInt(least, most));
const OUTPUTS: [string, () => string][] = [
  ['control characters, which JSON escapes', between(0, 0x20)],
  ['all of ASCII at random', between(0, 0x80)],
  ['printable characters at random', between(0x20, 0x7f)],
  ['characters of two bytes at random', between(0x80, 0x800)],
  ['characters of three bytes at random', between(0x4e00, 0xa000)],
  ['characters of four bytes at random', between(0x10000, 0x110000)],
  ['replacement characters', (): string => '\ufffd'],
  ['quotes and backslashes', (): string => '"\\'.charAt(randomInt(2))],
  ['base64', (): string => randomBytes(3).toString('base64')],
];

async function itemOf(next: () => string): Promise<{ outcome: Outcome; item: Record<string, unknown> }> {
  const job = finishedJob();
  const [stdout, stderr] = [preview(next), preview(next)];
  const compile = job.outcome?.compile && {
    ...job.outcome.compile,
    stdout: preview(next),
    stderr: preview(next),
  };
  const outcome = { ...job.outcome, stdout, stderr, compile } as Outcome;
  // The longest that a client may send (upload.request.dto.ts), in the longest characters.
  const texts = { description: '😀'.repeat(500), project: 'p'.repeat(128), functionName: '😀'.repeat(64) };
  return { outcome, item: { ...(await jobToItem({ ...job, ...texts, outcome }, 8, 30)) } };
}

/** By the rules of the developer guide: names and strings in UTF-8, numbers at most 21 bytes. */
function sizeOf(item: Record<string, unknown>): number {
  const sizes = Object.entries(marshall(item)).map(([name, { S, B, N }]) => {
    const value = S !== undefined ? Buffer.byteLength(S) : (B?.byteLength ?? (N === undefined ? NaN : 21));
    return Buffer.byteLength(name) + value;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the item of a job', () => {
  it.each(OUTPUTS)(
    'with four full previews of %s takes less than three quarters of the limit',
    async (_what, next) => {
      const { outcome, item } = await itemOf(next);
      expect(Buffer.byteLength(outcome.stdout)).toBeGreaterThan(PREVIEW_BYTES - 4);
      expect(sizeOf(item)).toBeLessThan(0.75 * ITEM_BYTES_MAX);
      expect((await itemToJob(item)).outcome).toEqual(outcome);
    },
  );

  it('expires the retention days after its upload, in seconds', async () => {
    const item = await jobToItem(finishedJob({ createdAt: '2026-01-01T00:00:00.999Z' }), 8, 7);
    expect(item['expires_at']).toBe(Date.parse('2026-01-08T00:00:00Z') / 1000);
  });

  it('is spread evenly over the buckets', async () => {
    const buckets = await Promise.all(
      Array.from(
        { length: 4000 },
        async () => (await jobToItem(finishedJob(), 8, 30))['list_bucket'] as number,
      ),
    );
    const counts = Array.from({ length: 8 }, (_, index) => buckets.filter((one) => one === index).length);
    // 500 each; six standard deviations of a binomial distribution are 126.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(126);
  });
});
