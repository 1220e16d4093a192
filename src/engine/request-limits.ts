import type { ExecutionRequest, ResourceLimits } from '../engine-contract/execution-request';
import type { EngineSettings } from '../config/settings';
import type { Limits } from './sandbox/limits';

type LimitSetting =
  'diskMb' | 'fileMb' | 'memoryMb' | 'openFilesMax' | 'outputBytesMax' | 'processesMax' | 'timeoutMsMax';

interface RequestLimit {
  /** The name in a request, below `limits`. */
  readonly field: string;
  /** The setting that is the largest value a request may have, and the default unless the description says otherwise. */
  readonly setting: LimitSetting;
  /** The smallest value that a request may have. */
  readonly min: number;
  /** The description in the OpenAPI document. */
  readonly description: string;
  readonly example: number;
}

/** Every limit that a request can lower. Validation, OpenAPI schema, maximum and default are derived from this table. */
export const REQUEST_LIMITS = {
  memoryMb: {
    field: 'memory_mb',
    setting: 'memoryMb',
    min: 16,
    description: 'Memory of all processes together, in MiB. ENGINE_MEMORY_MB is the default and the maximum.',
    example: 128,
  },
  processes: {
    field: 'processes',
    setting: 'processesMax',
    min: 1,
    description: 'Number of processes and threads. ENGINE_PROCESSES_MAX is the default and the maximum.',
    example: 64,
  },
  outputBytes: {
    field: 'output_bytes',
    setting: 'outputBytesMax',
    min: 1,
    description:
      'Bytes of stdout and stderr together. ENGINE_OUTPUT_MAX_BYTES is the default and the maximum.',
    example: 65536,
  },
  diskMb: {
    field: 'disk_mb',
    setting: 'diskMb',
    min: 1,
    description:
      'Size of all writable directories together, in MiB. ENGINE_DISK_MB is the default and the maximum.',
    example: 16,
  },
  cpuMs: {
    field: 'cpu_ms',
    setting: 'timeoutMsMax',
    min: 1,
    description:
      'CPU time of all cores together, in ms. `timeout` is the default; the largest allowed `timeout` is the maximum.',
    example: 1000,
  },
  openFiles: {
    field: 'open_files',
    setting: 'openFilesMax',
    min: 16,
    description: 'Open files of each process. ENGINE_OPEN_FILES_MAX is the default and the maximum.',
    example: 64,
  },
  fileMb: {
    field: 'file_mb',
    setting: 'fileMb',
    min: 1,
    description:
      'Size of the largest file, in MiB. ENGINE_FILE_MB is the maximum; the default is that or `disk_mb`, whichever is smaller.',
    example: 8,
  },
} as const satisfies Readonly<Record<keyof ResourceLimits, RequestLimit>>;

export type LimitName = keyof typeof REQUEST_LIMITS;
export const LIMIT_NAMES = Object.keys(REQUEST_LIMITS) as readonly LimitName[];

/** The largest value that a request may have for a limit. */
export const maximumOf = (name: LimitName, settings: EngineSettings): number =>
  settings[REQUEST_LIMITS[name].setting];

/** The largest limits that a request may have, with `overrides` in place of some of them. */
export function limitsFrom(settings: EngineSettings, overrides: Partial<Limits> = {}): Limits {
  const maxima = Object.fromEntries(LIMIT_NAMES.map((name) => [name, maximumOf(name, settings)]));
  return { wallMs: settings.timeoutMsMax, ...(maxima as Record<LimitName, number>), ...overrides };
}

/** A compiler may keep all cores of a small machine busy for its whole time limit. */
const COMPILE_CPU_FACTOR = 4;
/** Compilers write objects and binaries far larger than their source. */
const COMPILE_DISK_MB_MIN = 256;
/** Linkers open every library at once. */
const COMPILE_OPEN_FILES_MIN = 1024;

export function compileLimits(settings: EngineSettings, timeoutMs: number): Limits {
  const diskMb = Math.max(settings.diskMb, COMPILE_DISK_MB_MIN);
  return limitsFrom(settings, {
    wallMs: timeoutMs,
    cpuMs: timeoutMs * COMPILE_CPU_FACTOR,
    memoryMb: settings.compileMemoryMb,
    diskMb,
    openFiles: Math.max(settings.openFilesMax, COMPILE_OPEN_FILES_MIN),
    fileMb: diskMb,
  });
}

/** With many inputs, each run may write at least this much, unless the limit of them all is lower. */
const OUTPUT_SHARE_BYTES_MIN = 1024;

export function runLimits(request: ExecutionRequest, settings: EngineSettings): Limits {
  const { timeoutMs, inputs } = request;
  const requested = withoutUndefined(request.limits ?? {});
  const { outputBytes = settings.outputBytesMax, diskMb = settings.diskMb } = requested;
  return limitsFrom(settings, {
    cpuMs: timeoutMs,
    fileMb: Math.min(settings.fileMb, diskMb),
    ...requested,
    wallMs: timeoutMs,
    outputBytes: outputShare(outputBytes, inputs?.length ?? 1),
  });
}

/** Runs with many inputs have equal shares, so that the log of all runs stays within the limit. */
const outputShare = (bytes: number, inputs: number): number =>
  Math.max(Math.floor(bytes / inputs), Math.min(bytes, OUTPUT_SHARE_BYTES_MIN));

function withoutUndefined(limits: NonNullable<ExecutionRequest['limits']>): Partial<ResourceLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
