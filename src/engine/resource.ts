/** Figures of a run, rounded to what they are worth. */
import type { Resource } from '../common/report';
import type { SandboxResult } from './sandbox/prepared-sandbox';

const MIB = 1024 * 1024;
export const roundMs = (ms: number): number => Math.round(ms * 100) / 100;
const roundTenth = (value: number): number => Math.round(value * 10) / 10;

export function resourceOf(result: SandboxResult): Resource {
  return {
    executionTimeMs: roundMs(result.wallMs),
    cpuTimeMs: roundMs(result.cpuMs),
    cpuPercent: result.wallMs > 0 ? roundTenth((result.cpuMs / result.wallMs) * 100) : 0,
    memoryMb: roundTenth(result.memoryBytes / MIB),
    accounting: result.accounting,
  };
}
