/** Starts an application, or says in plain words why it cannot be started. */
import { EnvironmentError } from '../config/environment';

export async function startOrExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    // The fault of an operator is told in a sentence; only one of ours needs its stack.
    process.stderr.write(`${error instanceof EnvironmentError ? error.message : describeError(error)}\n`);
    process.exit(1);
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || error.cause !== undefined ? error.message : (error.stack ?? error.message);
}
