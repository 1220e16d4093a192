import { mkdir, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storagePaths } from '../../src/config/settings';
import { FileLogRepository } from '../../src/storage/embedded/file-log.repository';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { describeLogRepository } from './log.repository.suite';
import { storageSettings } from './storage-settings';

describeLogRepository('files', () => {
  const dataDir = createTemporaryDirectory();
  const { objects } = storagePaths(dataDir);
  return Promise.resolve({
    repository: new FileLogRepository(storageSettings(dataDir)),
    breakStorage: async () => {
      await rm(objects, { recursive: true, force: true });
      await writeFile(objects, 'a file in the place of the directory');
    },
    close: () => Promise.resolve(),
  });
});

describe('logs in files', () => {
  const chunk = { seq: 0, tMs: 1, stream: 'stdout', data: 'x'.repeat(200_000) } as const;

  it('leave no temporary file after a failed put', async () => {
    const dataDir = createTemporaryDirectory();
    const directory = join(storagePaths(dataDir).objects, 'logs', 'id');
    await mkdir(join(directory, '1.ndjson', 'full'), { recursive: true });
    const put = new FileLogRepository(storageSettings(dataDir)).put('id', 1, [chunk]);
    await expect(put).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await readdir(directory)).toEqual(['1.ndjson']);
  });

  it('leave no file open, whether they are read completely, in part or not at all', async () => {
    const dataDir = createTemporaryDirectory();
    const logs = new FileLogRepository(storageSettings(dataDir));
    await logs.put('id', 1, [chunk, { ...chunk, seq: 1 }]);
    for await (const _ of (await logs.get('id', 1)) ?? []);
    for await (const _ of (await logs.get('id', 1)) ?? []) break;
    await logs.get('id', 1);
    expect(await openFilesIn(dataDir)).toEqual([]);
  });

  it('fail with storage-unavailable when a file is corrupt', async () => {
    const dataDir = createTemporaryDirectory();
    const directory = join(storagePaths(dataDir).objects, 'logs', 'id');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, '1.ndjson'), '{"seq":0,');
    const chunks = await new FileLogRepository(storageSettings(dataDir)).get('id', 1);
    const read = async (): Promise<void> => {
      for await (const _ of chunks ?? []);
    };
    await expect(read()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

/** The files in a directory that this process has open. */
async function openFilesIn(directory: string): Promise<string[]> {
  const paths = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => 'closed meanwhile'),
  );
  return (await Promise.all(paths)).filter((path) => path.startsWith(directory));
}
