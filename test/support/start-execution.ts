import type { Api, JobBody } from './api';
import { createMarker } from './leftovers';
import { findProcesses } from './processes';

export const LONG_TIMEOUT = { timeout: 20_000 };
/** Programs that ignore the signals that ask a process to end, and that have a child process. */
export const PROGRAMS_IGNORING_SIGNALS = [
  [
    'python',
    'import signal, subprocess\nfor s in signal.SIGTERM, signal.SIGINT, signal.SIGHUP: signal.signal(s, signal.SIG_IGN)\nprint("started")\nsubprocess.Popen(["sleep", "MARKER"], start_new_session=True)\nwhile True: pass',
  ],
  ['bash', 'trap "" TERM INT HUP; echo started; setsid sleep MARKER & sleep MARKER; sleep MARKER'],
  [
    'javascript',
    'process.on("SIGTERM", () => {}); console.log("started"); require("child_process").spawn("sleep", ["MARKER"], { stdio: "inherit" })',
  ],
] as const;
export const CANCELLED = { status: 'CANCELLED', verdict: 'CANCELLED' };

/** Uploads a program and starts its execution. @returns when its child process runs */
export async function startExecution(api: Api, language: string, code: string, init: RequestInit = {}) {
  const marker = createMarker();
  const jobId = await api.upload(language, code.replaceAll('MARKER', marker));
  const execution = api.request<JobBody>('POST', `/api/execute/${jobId}`, {
    ...init,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(LONG_TIMEOUT),
  });
  execution.catch(() => undefined);
  // The job is RUNNING before its program starts, so wait for the child process.
  while (findProcesses(marker).length === 0) await api.get('/api/health/live');
  return { jobId, marker, execution };
}
