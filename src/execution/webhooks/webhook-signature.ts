import { createHmac } from 'node:crypto';

export interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch. */
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Creates the headers with which a receiver verifies the sender (standardwebhooks.com, specification 1.0.0, "Webhook metadata").
 * @param nowMs since the epoch
 */
export function createSignedHeaders(key: Buffer, id: string, nowMs: number, body: string): SignedHeaders {
  const timestamp = Math.floor(nowMs / 1000).toString();
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
