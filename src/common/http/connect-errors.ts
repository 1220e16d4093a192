/** Codes of Node's errors after which it is certain that a connection was not made, so that nothing was sent on it. */
export const CONNECT_ERROR_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

export const isConnectError = (error: unknown): boolean =>
  CONNECT_ERROR_CODES.has(String((error as { code?: unknown } | undefined)?.code));
