/** A signal of one's own that aborts with another one. */

export interface Following {
  readonly signal: AbortSignal;
  /** Aborts it, and leaves nothing behind at the other one. */
  readonly end: () => void;
}

/** AbortSignal.any would do, but Node 20 keeps what it makes for as long as the other signal lives. */
export function following(other: AbortSignal): Following {
  const own = new AbortController();
  const end = (): void => {
    other.removeEventListener('abort', end);
    own.abort();
  };
  other.addEventListener('abort', end, { once: true });
  if (other.aborted) end();
  return { signal: own.signal, end };
}
