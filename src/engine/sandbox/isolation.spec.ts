/** Which isolation is taken where the best account of it does not work. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../config/environment';
import { EngineSettings } from '../../config/settings';
import type { ResourceController } from './resource-controller';
import { engineFilesProvider } from './engine-files';
import { findIsolation } from './isolation';
import { IDLE_GROUP } from './sandbox.fixture';

/** Takes every process but those of sandboxes: writing to its entry always fails. */
const accountant = (close: () => Promise<void>): ResourceController => ({
  source: 'cgroup-v2',
  enforcesLimits: true,
  openGroup: () => Promise.resolve({ ...IDLE_GROUP, joinPaths: { sandbox: ['/dev/full'], program: [] } }),
  close,
});

describe('Isolation', () => {
  let workDir: string;
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  });
  afterEach(() => {
    rmSync(workDir, { recursive: true, force: true });
  });

  it('goes without control groups that a sandbox cannot enter, rather than without itself', async () => {
    const environment = readEnvironment({ ENGINE_WORK_DIR: workDir });
    const settings = new EngineSettings(environment, '127.0.0.1');
    const close = jest.fn(() => Promise.resolve());
    const { kind, sandbox } = await findIsolation(settings, engineFilesProvider(workDir), accountant(close));
    expect([kind, sandbox?.accounting]).toEqual(['bubblewrap', 'rusage']);
    expect(close).toHaveBeenCalledTimes(1);
    await sandbox?.close();
  });
});
