/** The processes of this machine, found by a marker in their arguments. */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RECHECK_MS = 10;

export function processesWith(marker: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== process.pid.toString())
    .filter((pid) => commandLine(pid).includes(marker))
    .map(Number);
}

/** Waits for the kernel to take away those that have been killed; the test's time limit bounds it. */
export async function untilGone(marker: string): Promise<void> {
  while (processesWith(marker).length > 0) await delay(RECHECK_MS);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
