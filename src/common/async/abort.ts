import { setMaxListeners } from 'node:events';

/**
 * Runs `listener` once when the signal aborts, or at once if it has aborted already.
 * @returns removes the listener; call it when the work is over, because the signal may live as long as the process
 */
export function onAbort(signal: AbortSignal, listener: (reason: unknown) => void): () => void {
  if (signal.aborted) {
    listener(signal.reason);
    return () => undefined;
  }
  const run = (): void => {
    listener(signal.reason);
  };
  // As many callers as there are requests may listen to one signal, so Node's warning about more than ten is disabled.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', run, { once: true });
  return () => {
    signal.removeEventListener('abort', run);
  };
}

export interface LinkedAbort {
  readonly signal: AbortSignal;
  /** Aborts `signal` alone and removes the listeners from its sources. */
  readonly abort: (reason?: unknown) => void;
  /** Removes the listeners from the sources without aborting. */
  readonly unlink: () => void;
}

/**
 * A signal that aborts when any of `sources` does, with the same reason.
 * Replaces `AbortSignal.any`, whose signals Node 20 keeps in memory for as long as their sources exist.
 */
export function linkedAbort(...sources: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController();
  const removers: (() => void)[] = [];
  const unlink = (): void => {
    for (const remove of removers) remove();
  };
  const abort = (reason?: unknown): void => {
    unlink();
    controller.abort(reason);
  };
  for (const source of sources) removers.push(onAbort(source, abort));
  if (controller.signal.aborted) unlink();
  return { signal: controller.signal, abort, unlink };
}

/** Settles with `work`, or when the signal aborts. The work itself is not stopped, and its result is ignored. */
export async function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let remove = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    remove = onAbort(signal, () => {
      resolve();
    });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    remove();
  }
}
