import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../config/environment';
import { EngineSettings } from '../../config/settings';
import { engineFilesProvider } from './engine-files';
import { detectIsolation } from './isolation';
import type { ResourceController } from './resource-controller';
import { IDLE_GROUP } from './sandbox.fixture';

/** A controller whose cgroups reject the processes of sandboxes: a write to /dev/full always fails. */
const rejectingController = (close: () => Promise<void>): ResourceController => ({
  source: 'cgroup-v2',
  enforcesLimits: true,
  openGroup: () => Promise.resolve({ ...IDLE_GROUP, joinPaths: { sandbox: ['/dev/full'], program: [] } }),
  close,
});

describe('detectIsolation', () => {
  let workDir: string;
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  });
  afterEach(() => {
    rmSync(workDir, { recursive: true, force: true });
  });

  it('gives up cgroups that a sandbox cannot join, but not the isolation', async () => {
    const environment = readEnvironment({ ENGINE_WORK_DIR: workDir });
    const settings = new EngineSettings(environment, '127.0.0.1');
    const close = jest.fn(() => Promise.resolve());
    const { kind, sandboxes } = await detectIsolation(
      settings,
      engineFilesProvider(workDir),
      rejectingController(close),
    );
    expect([kind, sandboxes?.accounting]).toEqual(['bubblewrap', 'rusage']);
    expect(close).toHaveBeenCalledTimes(1);
    await sandboxes?.close();
  });
});
