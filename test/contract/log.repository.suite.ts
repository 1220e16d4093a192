import { v7 as uuidv7 } from 'uuid';
import type { OutputChunk } from '../../src/engine-contract/report';
import type { LogRepository } from '../../src/jobs/log.repository';

export interface LogRepositoryAdapter {
  readonly repository: LogRepository;
  /** Breaks the underlying storage permanently. */
  breakStorage(): Promise<void>;
  close(): Promise<void>;
}

export function describeLogRepository(name: string, makeAdapter: () => Promise<LogRepositoryAdapter>): void {
  describe(`LogRepository: ${name}`, () => {
    const jobId = uuidv7();
    let adapter: LogRepositoryAdapter;
    let logs: LogRepository;
    beforeEach(async () => {
      adapter = await makeAdapter();
      logs = adapter.repository;
    });
    afterEach(() => adapter.close());

    const readBack = async (attempt: number): Promise<OutputChunk[] | undefined> => {
      const chunks = await logs.get(jobId, attempt);
      return chunks && collect(chunks);
    };

    it.each([
      ['both streams in their order', ['out', 'err', 'out again']],
      ['no chunk at all', []],
      ['line ends of every kind', ['a\nb', '\r', '\r\n', '\n\n', '\u0085', '\v\f']],
      ['line and paragraph separators', ['a\u2028b\u2029c', '\u2028']],
      ['every control character', [String.fromCharCode(...Array(32).keys(), 127)]],
      ['characters outside the basic plane', ['😀👩‍👩‍👧', '\u{10ffff}']],
      ['a byte order mark at the start', ['\ufeffa']],
      ['quotes, backslashes and text that looks like JSON', ['"\\"', '{"seq":1}\n', '\\u0000']],
      ['large chunks', ['x'.repeat(300_000), '😀'.repeat(100_000)]],
    ])('returns %s unchanged', async (_what, texts) => {
      const chunks = toChunks(texts);
      await logs.put(jobId, 1, chunks);
      expect(await readBack(1)).toEqual(chunks);
    });

    it('returns ten thousand chunks in order', async () => {
      const chunks = toChunks(Array.from({ length: 10_000 }, (_, index) => `line ${index.toString()}\n`));
      await logs.put(jobId, 1, chunks);
      expect(await readBack(1)).toEqual(chunks);
    });

    it('returns nothing for an attempt without logs, even if another attempt has some', async () => {
      expect(await logs.get(jobId, 1)).toBeUndefined();
      await logs.put(jobId, 1, toChunks(['a']));
      expect(await logs.get(jobId, 2)).toBeUndefined();
      expect(await logs.get(uuidv7(), 1)).toBeUndefined();
    });

    it('replaces the logs of an attempt completely and keeps those of others', async () => {
      await logs.put(jobId, 1, toChunks(['first']));
      await logs.put(jobId, 2, toChunks(['a long text', 'and more']));
      await logs.put(jobId, 2, toChunks(['b']));
      expect([await readBack(1), await readBack(2)]).toEqual([toChunks(['first']), toChunks(['b'])]);
    });

    it('serves concurrent readers of the same logs, each from the start', async () => {
      const chunks = toChunks(['a', 'b', 'c']);
      await logs.put(jobId, 1, chunks);
      expect(await Promise.all([readBack(1), readBack(1), readBack(1)])).toEqual([chunks, chunks, chunks]);
    });

    it('fails with storage-unavailable in every method when the storage is broken', async () => {
      await adapter.breakStorage();
      const calls = [() => logs.put(jobId, 1, []), () => logs.get(jobId, 1)];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'storage-unavailable' });
    });
  });
}

const toChunks = (texts: readonly string[]): OutputChunk[] =>
  texts.map((data, seq) => ({ seq, tMs: seq * 1.1, stream: seq % 2 === 0 ? 'stdout' : 'stderr', data }));

async function collect(chunks: AsyncIterable<OutputChunk>): Promise<OutputChunk[]> {
  const all: OutputChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}
