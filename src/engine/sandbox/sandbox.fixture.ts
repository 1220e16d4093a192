import { type FileHandle, open } from 'node:fs/promises';
import type { Limits } from './limits';
import type { ResourceGroup } from './resource-controller';

export const LIMITS: Limits = {
  wallMs: 60_000,
  cpuMs: 1000,
  memoryMb: 64,
  processes: 16,
  outputBytes: 1,
  diskMb: 1,
  openFiles: 1024,
  fileMb: 1,
};

/** The resource group of a run that uses no resources. */
export const IDLE_GROUP: ResourceGroup = {
  joinPaths: { sandbox: [], program: [] },
  setRootPid: () => undefined,
  setLimits: () => undefined,
  readUsage: () => Promise.resolve({ cpuMs: 0, memoryBytes: 0, outOfMemory: false }),
  close: () => Promise.resolve(),
};

export const openEmptyInput = (): Promise<FileHandle> => open('/dev/null', 'r');
