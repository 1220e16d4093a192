/** What making a bucket, a table and a queue have in common. */

/** s until what was made must be there; the SDK asks with growing pauses. */
export const WAIT = { maxWaitTime: 60, minDelay: 1, maxDelay: 5 };

/** False when the call fails with one of these errors: it is not there, or somebody else is making it. */
export async function createOrAccept(call: Promise<unknown>, ...errors: string[]): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (errors.includes((error as Error).name)) return false;
    throw error;
  }
}
