/** Node's error codes for connections that were not established, so that no request was sent. */
export const CONNECT_ERROR_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

export const isConnectError = (error: unknown): boolean =>
  CONNECT_ERROR_CODES.has(String((error as { code?: unknown } | undefined)?.code));
