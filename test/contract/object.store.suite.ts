import type { ObjectStore } from '../../src/jobs/object.store';

export interface ObjectStoreAdapter {
  readonly repository: ObjectStore;
  /** Breaks the underlying storage permanently. */
  breakStorage(): Promise<void>;
  close(): Promise<void>;
}

const KEY = 'uploads/01935d2e-7c1a-7000-8000-000000000000.py';
const put = (store: ObjectStore, key: string, text: string): Promise<void> => store.put(key, text, 'python');
const UNAVAILABLE = { code: 'storage-unavailable' };
const MIB = 1024 * 1024;

export function describeObjectStore(name: string, makeAdapter: () => Promise<ObjectStoreAdapter>): void {
  describe(`ObjectStore: ${name}`, () => {
    let adapter: ObjectStoreAdapter;
    let store: ObjectStore;
    beforeEach(async () => {
      adapter = await makeAdapter();
      store = adapter.repository;
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
    ])('returns %s byte for byte', async (_what, text) => {
      await put(store, KEY, text);
      expect(Buffer.from(await store.get(KEY)).equals(Buffer.from(text))).toBe(true);
    });

    it('accepts a repeated put, and rejects another text under the same key', async () => {
      await put(store, KEY, 'the first');
      await expect(put(store, KEY, 'the first')).resolves.toBeUndefined();
      await expect(put(store, KEY, 'another')).rejects.toMatchObject(UNAVAILABLE);
      expect(await store.get(KEY)).toBe('the first');
      await store.delete(KEY);
      await put(store, KEY, 'another');
      expect(await store.get(KEY)).toBe('another');
    });

    it('keeps similar keys apart', async () => {
      await put(store, KEY, 'one');
      await put(store, `${KEY}3`, 'two');
      expect([await store.get(KEY), await store.get(`${KEY}3`)]).toEqual(['one', 'two']);
    });

    it('accepts exactly one of twenty concurrent puts of one key, and returns that one', async () => {
      const texts = Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index).repeat(10_000));
      const puts = await Promise.allSettled(texts.map((text) => put(store, KEY, text)));
      const accepted = texts.filter((_, index) => puts[index]?.status === 'fulfilled');
      expect(accepted).toEqual([await store.get(KEY)]);
    });

    it('fails with storage-unavailable for a missing key', async () => {
      await expect(store.get(KEY)).rejects.toMatchObject(UNAVAILABLE);
    });

    it('deletes one key and keeps the others', async () => {
      await put(store, KEY, 'one');
      await put(store, `${KEY}3`, 'two');
      await store.delete(KEY);
      await expect(store.get(KEY)).rejects.toMatchObject(UNAVAILABLE);
      expect(await store.get(`${KEY}3`)).toBe('two');
    });

    it('accepts the deletion of a missing key, before the first put and after it', async () => {
      await expect(store.delete(KEY)).resolves.toBeUndefined();
      await put(store, `${KEY}3`, 'two');
      await expect(store.delete(KEY)).resolves.toBeUndefined();
    });

    it('responds to a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    it('fails with storage-unavailable in every method when the storage is broken', async () => {
      await adapter.breakStorage();
      const calls = [
        () => put(store, KEY, 'x'),
        () => store.get(KEY),
        () => store.delete(KEY),
        () => store.ping(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject(UNAVAILABLE);
    });
  });
}
