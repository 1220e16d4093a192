/** Polling of SDK waiters, in seconds: how long a new resource may take to become available, and the pauses between checks. */
export const WAITER_SECONDS = { maxWaitTime: 60, minDelay: 1, maxDelay: 5 };

/**
 * Whether a resource exists.
 * @param describe a call that reads the resource
 * @param notFoundErrors names of the errors that mean that the resource does not exist
 */
export const exists = (describe: Promise<unknown>, ...notFoundErrors: string[]): Promise<boolean> =>
  succeeds(describe, notFoundErrors);

/**
 * Ignores the errors that mean that another process has made this change, or is making it.
 * @param change a call that creates or updates a resource
 */
export async function ignoringErrors(change: Promise<unknown>, ...names: string[]): Promise<void> {
  await succeeds(change, names);
}

async function succeeds(call: Promise<unknown>, expectedErrors: readonly string[]): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (expectedErrors.includes((error as Error).name)) return false;
    throw error;
  }
}
