import type { Verdict } from '../engine-contract/report';
import type { Runtime } from './runtimes/runtime';
import type { SandboxResult } from './sandbox/prepared-sandbox';

/** Derives the verdict from why the engine stopped the run, how the program ended, and its last output. */
export function determineVerdict(result: SandboxResult, runtime: Pick<Runtime, 'outOfMemory'>): Verdict {
  switch (result.stopped) {
    case 'wall':
    case 'cpu':
      return 'TIME_LIMIT';
    case 'memory':
      return 'MEMORY_LIMIT';
    case 'output':
      return 'OUTPUT_LIMIT';
    case 'abort':
      return 'CANCELLED';
    case undefined:
      return verdictOfUnstoppedRun(result, runtime);
  }
}

function verdictOfUnstoppedRun(
  result: SandboxResult,
  { outOfMemory }: Pick<Runtime, 'outOfMemory'>,
): Verdict {
  // However the rest of the program reacted: without control groups, the engine would have stopped the whole run.
  if (result.outOfMemory) return 'MEMORY_LIMIT';
  if (result.exitCode === 0) return 'OK';
  if (outOfMemory?.test(result.outputTail)) return 'MEMORY_LIMIT';
  // A single process reached RLIMIT_CPU before the limit monitor had measured all processes.
  if (result.signal === 'SIGXCPU') return 'TIME_LIMIT';
  return result.signal === null ? 'NONZERO_EXIT' : 'SIGNALLED';
}
