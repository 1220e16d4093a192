import { readEnvironment } from '../config/environment';
import { EngineSettings } from '../config/settings';
import type { ExecutionRequest } from '../engine-contract/execution-request';
import { limitsFrom, runLimits } from './request-limits';

const REQUEST: ExecutionRequest = {
  jobId: 'job',
  client: 'client',
  language: 'c',
  code: '',
  input: '',
  timeoutMs: 1,
};

const settingsWith = (environment: Record<string, string>): EngineSettings =>
  new EngineSettings(readEnvironment(environment), '127.0.0.1');

describe('limitsFrom', () => {
  it('returns the settings, with the overrides in place of some of them', () => {
    const settings = settingsWith({
      ENGINE_MEMORY_MB: '300',
      ENGINE_DISK_MB: '20',
      EXECUTION_TIMEOUT_MAX: '7000',
    });
    expect(limitsFrom(settings, { cpuMs: 5, diskMb: 10 })).toEqual({
      wallMs: 7000,
      cpuMs: 5,
      memoryMb: 300,
      processes: settings.processesMax,
      outputBytes: settings.outputBytesMax,
      diskMb: 10,
      openFiles: settings.openFilesMax,
      fileMb: 20,
    });
  });
});

describe('runLimits', () => {
  it.each([
    ['the whole output limit to a single input', undefined, undefined, 100_000],
    ['the requested output limit to a single input', undefined, 10, 10],
    ['an equal share of the output limit to each of several inputs', 3, undefined, 33_333],
    ['an equal share of the requested output limit', 4, 10_000, 2500],
    ['at least 1 KiB of output to each of very many inputs', 100, undefined, 1024],
    ['no more output than requested', 2, 1000, 1000],
  ])('gives %s', (_what, inputs, outputBytes, expected) => {
    const settings = settingsWith({ ENGINE_OUTPUT_MAX_BYTES: '100000' });
    const request = {
      ...REQUEST,
      limits: { outputBytes },
      inputs: inputs === undefined ? undefined : Array.from({ length: inputs }, () => ''),
    };
    expect(runLimits(request, settings)).toMatchObject({ outputBytes: expected, wallMs: 1 });
  });

  it('uses the timeout as the default of the CPU time', () => {
    const settings = settingsWith({});
    expect(runLimits({ ...REQUEST, timeoutMs: 30 }, settings)).toMatchObject({ wallMs: 30, cpuMs: 30 });
    const limits = { cpuMs: 20, memoryMb: undefined };
    expect(runLimits({ ...REQUEST, timeoutMs: 30, limits }, settings)).toMatchObject({
      wallMs: 30,
      cpuMs: 20,
      memoryMb: settings.memoryMb,
    });
  });

  it('allows no file larger than the disk limit, unless the request sets a limit for files', () => {
    const settings = settingsWith({ ENGINE_DISK_MB: '64', ENGINE_FILE_MB: '32' });
    const fileMb = (limits: ExecutionRequest['limits']): number =>
      runLimits({ ...REQUEST, limits }, settings).fileMb;
    expect([fileMb(undefined), fileMb({ diskMb: 8 }), fileMb({ diskMb: 8, fileMb: 16 })]).toEqual([
      32, 8, 16,
    ]);
  });
});
