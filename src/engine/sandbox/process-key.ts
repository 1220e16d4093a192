import { readFileSync } from 'node:fs';

/**
 * Identifies a process even after its pid has been reused: the pid and the start time of the process (proc(5), field 22 of
 * /proc/PID/stat).
 */
export function processKey(pid: number): string {
  const stat = readFileSync(`/proc/${pid.toString()}/stat`, 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid.toString()}-${startTime}`;
}

export function isProcessAlive(key: string): boolean {
  try {
    return processKey(Number(key.split('-')[0])) === key;
  } catch {
    return false;
  }
}
