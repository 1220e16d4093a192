/** The verdict on a run: from why it was stopped, what ended it, and what it said. */
import type { Verdict } from '../engine-contract/report';
import type { Runtime } from './runtimes/runtime';
import type { SandboxResult } from './sandbox/prepared-sandbox';

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
  // Whatever the rest of the program made of it: without control groups the whole run would have been stopped.
  if (result.outOfMemory) return 'MEMORY_LIMIT';
  if (result.exitCode === 0) return 'OK';
  if (outOfMemory?.test(result.outputTail)) return 'MEMORY_LIMIT';
  // RLIMIT_CPU of a single process, when it came before the watch over the tree.
  if (result.signal === 'SIGXCPU') return 'TIME_LIMIT';
  return result.signal === null ? 'NONZERO_EXIT' : 'SIGNALLED';
}
