const MIB = 1024 * 1024;
/** Added to the timeout of every request for each MiB: allows for a connection of 8 Mbit/s. */
const MS_PER_MIB = 1000;

/** The timeout in ms of a request that transfers this many bytes. */
export const transferTimeoutMs = (requestTimeoutMs: number, bytes: number): number =>
  requestTimeoutMs + (bytes / MIB) * MS_PER_MIB;
