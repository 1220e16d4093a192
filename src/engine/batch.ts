import { setMaxListeners } from 'node:events';
import { onAbort } from '../common/async/abort';
import { pause } from '../common/async/backoff';
import { type InputResult, cancelledResult } from '../engine-contract/report';
import { EngineBusyError } from './pool/engine-busy.error';
import type { Release } from './pool/slots';
import type { ReadyProgram } from './ready-program';
import { roundMs } from './resource';
import { toInputResult } from './run-report';
import type { OnOutput } from './sandbox/output-capture';

export interface Slot {
  readonly release: Release;
  /** Time in ms for which the execution waited for the slot. */
  readonly queuedMs: number;
}

export interface BatchSlots {
  /** The slot in which the program was compiled. */
  readonly first: Slot;
  /** The most slots that a batch may hold or wait for at a time. */
  readonly countMax: number;
  /** @returns undefined when the signal aborts first @throws EngineBusyError */
  readonly acquire: (signal: AbortSignal) => Promise<Release | undefined>;
}

/** Runs one program with many inputs, each in a slot of its own. An error or a cancel stops all of them. */
export class Batch {
  private readonly running = new AbortController();
  private readonly acquiring = new AbortController();
  private readonly results = new Map<number, InputResult>();
  /** The index of the next input to run. */
  private nextInput = 0;
  private seq = 0;

  constructor(
    private readonly program: ReadyProgram,
    private readonly inputs: readonly string[],
    private readonly slots: BatchSlots,
    private readonly onOutput: OnOutput,
  ) {
    // There is one listener for each slot, so Node's warning about a leak would be false.
    setMaxListeners(0, this.running.signal, this.acquiring.signal);
  }

  /**
   * Call once.
   * @returns a result for each input, in their order; CANCELLED for those that the signal stops
   * @throws EngineError of any run, once the other runs have been stopped
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

  /** Holds one slot at a time, and releases it after each run so that other clients get their turn. */
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
      const index = this.nextInput;
      const input = this.inputs[index];
      if (input === undefined || this.running.signal.aborted) return;
      this.nextInput += 1;
      // No input is left, so no further slot is needed.
      if (this.nextInput === this.inputs.length) this.acquiring.abort();
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
   * Waits for a slot, and retries after the time that `engine-busy` states: a batch that has started does not fail
   * because the queue is full. Undefined if no input is left.
   */
  private async acquireSlot(): Promise<Slot | undefined> {
    const { signal } = this.acquiring;
    const startedAt = performance.now();
    while (!signal.aborted) {
      try {
        const release = await this.slots.acquire(signal);
        return release && { release, queuedMs: roundMs(performance.now() - startedAt) };
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
