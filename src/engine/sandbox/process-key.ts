/** Names a process so that a later one with the same pid is not taken for it. */
import { readFileSync } from 'node:fs';

/** The pid and, after proc(5), field 22: the time at which it started. */
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
