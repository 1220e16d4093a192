/** Many inputs for one program: each runs in a slot of its own, and all of them end as one. */
import { setMaxListeners } from 'node:events';
import { onAbort } from '../common/async/abort';
import { pause } from '../common/async/backoff';
import { type InputResult, cancelledResult } from '../engine-contract/report';
import { toInputResult } from './batch-report';
import { EngineBusyError } from './pool/engine-busy.error';
import type { Release } from './pool/slots';
import type { ReadyProgram } from './ready-program';
import { roundMs } from './resource';
import type { OnOutput } from './sandbox/output-capture';

export interface Slot {
  readonly release: Release;
  /** ms that were waited for it. */
  readonly queuedMs: number;
}

export interface BatchSlots {
  /** In which the program was compiled. */
  readonly first: Slot;
  /** How many a batch may hold or wait for at a time. */
  readonly countMax: number;
  /** Undefined when the signal aborts first. @throws EngineBusyError */
  readonly acquire: (signal: AbortSignal) => Promise<Release | undefined>;
}

export class Batch {
  private readonly running = new AbortController();
  private readonly acquiring = new AbortController();
  private readonly results = new Map<number, InputResult>();
  /** How many inputs have been taken, in their order. */
  private taken = 0;
  private seq = 0;

  constructor(
    private readonly program: ReadyProgram,
    private readonly inputs: readonly string[],
    private readonly slots: BatchSlots,
    private readonly onOutput: OnOutput,
  ) {
    // One listener for each slot, which may be many.
    setMaxListeners(0, this.running.signal, this.acquiring.signal);
  }

  /**
   * Call once. Gives a result for each input, in their order; those that the signal stops are CANCELLED.
   * @throws EngineError of any run; the others are stopped and gone by then
   */
  async run(signal: AbortSignal): Promise<readonly InputResult[]> {
    const removeListener = onAbort(signal, () => {
      this.stop();
    });
    const { first, countMax } = this.slots;
    const count = Math.min(countMax, this.inputs.length);
    const workers = Array.from({ length: count }, (_, index) =>
      this.runInSlots(index === 0 ? first : undefined),
    );
    try {
      await Promise.all(workers);
    } finally {
      await Promise.allSettled(workers);
      removeListener();
    }
    return this.inputs.map(
      (_, index) => this.results.get(index) ?? cancelledResult(index === 0 ? first.queuedMs : 0),
    );
  }

  /** Never more than one slot at a time, and each is given back after its run: others wait for them too. */
  private async runInSlots(first: Slot | undefined): Promise<void> {
    try {
      let slot = first ?? (await this.acquireSlot());
      while (slot) {
        await this.runNext(slot);
        slot = await this.acquireSlot();
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  private async runNext({ release, queuedMs }: Slot): Promise<void> {
    try {
      const index = this.taken;
      const input = this.inputs[index];
      if (input === undefined || this.running.signal.aborted) return;
      this.taken += 1;
      // Whoever still waits for a slot has no use for it.
      if (this.taken === this.inputs.length) this.acquiring.abort();
      const report = await this.program.run(input, {
        signal: this.running.signal,
        onOutput: (chunk) => {
          this.onOutput({ ...chunk, seq: this.seq++, input: index });
        },
      });
      this.results.set(index, toInputResult(report, queuedMs));
    } finally {
      release();
    }
  }

  /**
   * The batch has been taken on, so being refused is no failure: whoever is told to come back later does. Undefined when
   * there is nothing left to run.
   */
  private async acquireSlot(): Promise<Slot | undefined> {
    const { signal } = this.acquiring;
    const since = performance.now();
    while (!signal.aborted) {
      try {
        const release = await this.slots.acquire(signal);
        return release && { release, queuedMs: roundMs(performance.now() - since) };
      } catch (error) {
        if (!(error instanceof EngineBusyError)) throw error;
        await pause(error.retryAfterS * 1000, signal);
      }
    }
    return undefined;
  }

  private stop(): void {
    this.acquiring.abort();
    this.running.abort();
  }
}
