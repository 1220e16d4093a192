/** Codes of Node's errors after which it is certain that a connection was not made, so that nothing was sent on it. */
export const UNCONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

export const isUnconnected = (error: unknown): boolean =>
  UNCONNECTED.has(String((error as { code?: unknown } | undefined)?.code));
