import type { QueueMessage } from '../../jobs/execution.queue';

export const formatMessage = ({ jobId, fence }: QueueMessage): string =>
  JSON.stringify({ job_id: jobId, fence });

/** @returns undefined if this service did not write the text */
export function parseMessage(text: string | undefined): QueueMessage | undefined {
  const { job_id: jobId, fence } = parseObject(text);
  return typeof jobId === 'string' && typeof fence === 'string' ? { jobId, fence } : undefined;
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
