import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** Creates a directory that is removed after the test file. */
export function createTemporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'service-server-test-'));
  made.push(path);
  return path;
}
