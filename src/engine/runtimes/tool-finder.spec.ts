import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import { python } from './python';
import { ToolFinder } from './tool-finder';

jest.mock('node:os', () => ({ ...jest.requireActual<typeof os>('node:os'), homedir: jest.fn() }));

describe('ToolFinder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(os.tmpdir(), 'service-server-test-'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin', 'python3'), '');
    chmodSync(join(root, 'bin', 'python3'), 0o755);
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const toolchains = (): readonly string[][] =>
    new ToolFinder([join(root, 'bin')], '').find(python).map((toolset) => [...toolset.toolchains]);

  it('shows the prefix of a toolchain outside the system directories', () => {
    jest.mocked(os.homedir).mockReturnValue('/home/user');
    expect(toolchains()).toEqual([[root]]);
  });

  it('never shows a home directory', () => {
    jest.mocked(os.homedir).mockReturnValue(root);
    expect(toolchains()).toEqual([]);
  });

  it('works for a user without an entry in the user database', () => {
    jest.mocked(os.homedir).mockImplementation(() => {
      throw new Error('ENOENT: no such user');
    });
    expect(toolchains()).toEqual([[root]]);
  });
});
