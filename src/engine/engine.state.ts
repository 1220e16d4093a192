import type { Accounting } from '../engine-contract/report';
import type { Isolation } from './sandbox/isolation';

/** The state of an engine, as health endpoints report it. */
export interface EngineState {
  readonly isolation: Isolation['kind'];
  /** Null if nothing can run. */
  readonly accounting: Accounting | null;
  /** The number of prepared sandboxes by what is loaded in them; null if the engine prepares none. */
  readonly warm: Readonly<Record<string, number>> | null;
  /** Why programs run without isolation or cannot run, with the command that fixes it; null if nothing is wrong. */
  readonly warning: string | null;
}

export function describeIsolation(isolation: Isolation): Omit<EngineState, 'warm'> {
  switch (isolation.kind) {
    case 'bubblewrap':
      return { isolation: 'bubblewrap', accounting: isolation.sandboxes.accounting, warning: null };
    case 'process':
      return {
        isolation: 'process',
        accounting: isolation.sandboxes.accounting,
        warning: isolation.warning,
      };
    case 'none':
      return {
        isolation: 'none',
        accounting: null,
        warning: `Nothing can be executed: ${isolation.reason}`,
      };
  }
}
