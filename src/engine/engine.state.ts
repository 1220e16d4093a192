/** What the engine can say of itself, for health and for people who wonder. */
import type { Accounting } from '../engine-contract/report';

export interface EngineState {
  readonly isolation: 'bubblewrap' | 'process' | 'none';
  /** Null when nothing can run. */
  readonly accounting: Accounting | null;
  /** How many sandboxes wait for a program, by what is loaded in them; null when none ever does. */
  readonly warm: Readonly<Record<string, number>> | null;
  /** Why programs run without isolation, or do not run, with the command that helps; null when all is well. */
  readonly warning: string | null;
}
