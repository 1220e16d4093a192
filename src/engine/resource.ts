import type { Resource } from '../engine-contract/report';
import type { SandboxResult } from './sandbox/prepared-sandbox';

const MIB = 1024 * 1024;
/** Rounds to hundredths: measurements are no more precise. */
export const roundMs = (ms: number): number => Math.round(ms * 100) / 100;
const roundTenth = (value: number): number => Math.round(value * 10) / 10;

export function toResource(result: SandboxResult): Resource {
  return {
    executionTimeMs: roundMs(result.wallMs),
    cpuTimeMs: roundMs(result.cpuMs),
    cpuPercent: percentOf(result.cpuMs, result.wallMs),
    memoryMb: roundTenth(result.memoryBytes / MIB),
    accounting: result.accounting,
  };
}

/** Sums times and takes the largest memory value; null if there are no runs. */
export function sumResources(resources: readonly Resource[]): Resource | null {
  const [first] = resources;
  if (!first) return null;
  const wallMs = resources.reduce((sum, { executionTimeMs }) => sum + executionTimeMs, 0);
  const cpuMs = resources.reduce((sum, { cpuTimeMs }) => sum + cpuTimeMs, 0);
  return {
    executionTimeMs: roundMs(wallMs),
    cpuTimeMs: roundMs(cpuMs),
    cpuPercent: percentOf(cpuMs, wallMs),
    memoryMb: Math.max(...resources.map(({ memoryMb }) => memoryMb)),
    accounting: first.accounting,
  };
}

const percentOf = (cpuMs: number, wallMs: number): number =>
  wallMs > 0 ? roundTenth((cpuMs / wallMs) * 100) : 0;
