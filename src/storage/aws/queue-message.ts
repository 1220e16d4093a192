/** Messages as text. */
import type { QueueMessage } from '../../jobs/execution.queue';

export const formatMessage = ({ jobId, fence }: QueueMessage): string =>
  JSON.stringify({ job_id: jobId, fence });

/** Undefined when somebody else has written it. */
export function parseMessage(text: string | undefined): QueueMessage | undefined {
  const { job_id: jobId, fence } = objectOf(text);
  return typeof jobId === 'string' && typeof fence === 'string' ? { jobId, fence } : undefined;
}

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
