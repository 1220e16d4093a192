import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storagePaths } from '../../src/config/settings';
import { FileObjectStore } from '../../src/storage/embedded/file-object.store';
import { createTemporaryDirectory } from '../support/temporary-directory';
import { describeObjectStore } from './object.store.suite';
import { storageSettings } from './storage-settings';

describeObjectStore('files', () => {
  const dataDir = createTemporaryDirectory();
  const { objects } = storagePaths(dataDir);
  return Promise.resolve({
    repository: new FileObjectStore(storageSettings(dataDir)),
    breakStorage: async () => {
      await rm(objects, { recursive: true, force: true });
      await writeFile(objects, 'a file in the place of the directory');
    },
    close: () => Promise.resolve(),
  });
});

describe('objects in files', () => {
  it('are stored under the same keys as in S3, byte for byte', async () => {
    const dataDir = createTemporaryDirectory();
    await new FileObjectStore(storageSettings(dataDir)).put('uploads/id.py', '\ufeffé\r\n');
    const bytes = await readFile(join(storagePaths(dataDir).objects, 'uploads/id.py'));
    expect(bytes.toString('hex')).toBe('efbbbfc3a90d0a');
  });

  it('leave no temporary file after a successful or a failed put', async () => {
    const dataDir = createTemporaryDirectory();
    const uploads = join(storagePaths(dataDir).objects, 'uploads');
    const code = new FileObjectStore(storageSettings(dataDir));
    await code.put('uploads/good.py', 'x');
    // With a directory instead of the file, the write succeeds and the rename fails.
    await mkdir(join(uploads, 'bad.py', 'full'), { recursive: true });
    await expect(code.put('uploads/bad.py', 'x')).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect((await readdir(uploads)).sort()).toEqual(['bad.py', 'good.py']);
  });

  it('keep the cause of an error for the log and hide it from clients', async () => {
    const code = new FileObjectStore(storageSettings(createTemporaryDirectory()));
    const failure: unknown = await code.get('uploads/id.py').catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { code: 'ENOENT' } });
    expect((failure as Error).message).not.toMatch(/uploads|ENOENT/);
  });
});
