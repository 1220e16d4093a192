/** How long a transfer of bytes may take, however large it is. */
const MIB = 1024 * 1024;
/** ms for each MiB, besides the time-out of any request: a connection of 8 Mbit/s. */
const MS_PER_MIB = 1000;

/** ms */
export const transferTimeoutMs = (requestTimeoutMs: number, bytes: number): number =>
  requestTimeoutMs + (bytes / MIB) * MS_PER_MIB;
