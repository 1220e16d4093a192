/** What every ObjectStore promises. */
import type { ObjectStore } from '../../src/jobs/object.store';

export interface CodeRepositoryAdapter {
  readonly repository: ObjectStore;
  /** Breaks the storage under it for good. */
  breakStorage(): Promise<void>;
  close(): Promise<void>;
}

const KEY = 'uploads/01935d2e-7c1a-7000-8000-000000000000.py';
/** Everything here is Python. */
const put = (code: ObjectStore, key: string, text: string): Promise<void> => code.put(key, text, 'python');
const UNAVAILABLE = { code: 'storage-unavailable' };
const MIB = 1024 * 1024;

export function describeCodeRepository(
  name: string,
  makeAdapter: () => Promise<CodeRepositoryAdapter>,
): void {
  describe(`ObjectStore: ${name}`, () => {
    let adapter: CodeRepositoryAdapter;
    let code: ObjectStore;
    beforeEach(async () => {
      adapter = await makeAdapter();
      code = adapter.repository;
    });
    afterEach(() => adapter.close());

    it.each([
      ['text', 'print("hello")\n'],
      ['characters of every length in UTF-8', 'é 漢 😀 \u0007 \u2028 \ufffd \uffff'],
      ['Windows line ends, and none at the end', 'a\r\nb\r\rc\n\nd'],
      ['a byte order mark', '\ufeffprint(1)'],
      ['characters in decomposed form', 'e\u0301'],
      ['one character', 'x'],
      ['1 MiB', '0123456789abcdef'.repeat(MIB / 16)],
      ['1 MiB of characters of four bytes', '😀'.repeat(MIB / 4)],
    ])('gives back %s byte for byte', async (_what, text) => {
      await put(code, KEY, text);
      expect(Buffer.from(await code.get(KEY)).equals(Buffer.from(text))).toBe(true);
    });

    it('writes once: a repetition changes nothing, and other code under the same key is refused', async () => {
      await put(code, KEY, 'the first');
      await expect(put(code, KEY, 'the first')).resolves.toBeUndefined();
      await expect(put(code, KEY, 'another')).rejects.toMatchObject(UNAVAILABLE);
      expect(await code.get(KEY)).toBe('the first');
      await code.delete(KEY);
      await put(code, KEY, 'another');
      expect(await code.get(KEY)).toBe('another');
    });

    it('keeps each key apart', async () => {
      await put(code, KEY, 'one');
      await put(code, `${KEY}3`, 'two');
      expect([await code.get(KEY), await code.get(`${KEY}3`)]).toEqual(['one', 'two']);
    });

    it('of twenty that put under one key at once takes exactly one, and that one is what is read', async () => {
      const texts = Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index).repeat(10_000));
      const puts = await Promise.allSettled(texts.map((text) => put(code, KEY, text)));
      const taken = texts.filter((_, index) => puts[index]?.status === 'fulfilled');
      expect(taken).toEqual([await code.get(KEY)]);
    });

    it('is storage-unavailable for a key that is not there', async () => {
      await expect(code.get(KEY)).rejects.toMatchObject(UNAVAILABLE);
    });

    it('has nothing under a key that was deleted, and still the others', async () => {
      await put(code, KEY, 'one');
      await put(code, `${KEY}3`, 'two');
      await code.delete(KEY);
      await expect(code.get(KEY)).rejects.toMatchObject(UNAVAILABLE);
      expect(await code.get(`${KEY}3`)).toBe('two');
    });

    it('deletes what is not there without a fault, before the first put and after it', async () => {
      await expect(code.delete(KEY)).resolves.toBeUndefined();
      await put(code, `${KEY}3`, 'two');
      await expect(code.delete(KEY)).resolves.toBeUndefined();
    });

    it('answers a ping', async () => {
      await expect(code.ping()).resolves.toBeUndefined();
    });

    it('is storage-unavailable in every method when the storage is broken', async () => {
      await adapter.breakStorage();
      const calls = [
        () => put(code, KEY, 'x'),
        () => code.get(KEY),
        () => code.delete(KEY),
        () => code.ping(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(UNAVAILABLE);
    });
  });
}
