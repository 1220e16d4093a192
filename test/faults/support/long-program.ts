import { createMarker } from '../../support/leftovers';

export interface LongProgram {
  readonly code: string;
  /** An argument of the program's process while it runs. */
  readonly marker: string;
}

/**
 * A program that runs until a fixed time, so that its first attempt can be interrupted and a later attempt ends at once.
 * @param durationMs ms from now until that time
 */
export function longProgram(durationMs: number): LongProgram {
  const endsAt = Math.ceil((Date.now() + durationMs) / 1000);
  // Decimal places that do not change the duration noticeably.
  const marker = `.0000${createMarker().replace('.', '')}`;
  const code = [
    'echo started',
    `rest=$(( ${endsAt.toString()} - EPOCHSECONDS ))`,
    `if [ $rest -gt 0 ]; then sleep $rest${marker}; fi`,
    'echo done',
  ].join('\n');
  return { code, marker };
}
