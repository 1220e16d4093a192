/** A program whose first run lasts until it is cut short, while a later one ends at once. */
import { newMarker } from '../../support/left-over';

export interface LongProgram {
  readonly code: string;
  /** In the arguments of its process, as long as it runs. */
  readonly marker: string;
}

/** @param ms from now until it ends by itself */
export function longProgram(ms: number): LongProgram {
  const until = Math.ceil((Date.now() + ms) / 1000);
  // Digits after the decimal point that make no difference.
  const marker = `.0000${newMarker().replace('.', '')}`;
  const code = [
    'echo begun',
    `rest=$(( ${until.toString()} - EPOCHSECONDS ))`,
    `if [ $rest -gt 0 ]; then sleep $rest${marker}; fi`,
    'echo done',
  ].join('\n');
  return { code, marker };
}
