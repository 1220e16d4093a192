import { EnvironmentError } from '../config/environment';

/** Runs `start`. If it fails, prints the error to standard error and exits with 1. */
export async function startOrExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    // Errors that an operator can correct are one sentence. Other errors have a stack.
    process.stderr.write(`${error instanceof EnvironmentError ? error.message : describeError(error)}\n`);
    process.exit(1);
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || error.cause !== undefined ? error.message : (error.stack ?? error.message);
}
