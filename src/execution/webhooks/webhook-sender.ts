import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { linkedAbort } from '../../common/async/abort';
import { SERVICE_NAME, SERVICE_VERSION } from '../../common/service-info';
import { WebhookSettings } from '../../config/settings';
import type { Webhook } from '../../jobs/webhook.repository';
import { isGlobalAddress } from './webhook-addresses';
import { type AddressPolicy, ForbiddenAddressError, openConnection } from './webhook-connection';
import { createSignedHeaders } from './webhook-signature';

/** Milliseconds for a whole delivery, from the name lookup to the end of the response. */
export const DELIVERY_TIMEOUT_MS = 10_000;
/** Bytes of a response that are read before the connection is closed, so that most receivers can send theirs completely. */
const RESPONSE_BYTES_MAX = 65_536;
/** A response to an upgrade that was not requested; it has no body. */
const SWITCHING_PROTOCOLS = 101;

export type DeliveryResult =
  /** 2xx. */
  | { readonly kind: 'delivered' }
  /** 410 Gone: the receiver wants no more webhooks (Standard Webhooks, "Response handling"). */
  | { readonly kind: 'gone' }
  /** @param reason for the log; without the URL, which may contain a token */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The signal aborted. The receiver may still have got the request. */
  | { readonly kind: 'stopped' };

/** Sends one webhook as a signed POST. Only the status of the response counts. */
@Injectable()
export class WebhookSender {
  private readonly isAllowed: AddressPolicy;

  constructor(private readonly settings: WebhookSettings) {
    this.isAllowed = settings.mayCallPrivateAddresses ? () => true : isGlobalAddress;
  }

  /** Never rejects. */
  async send(webhook: Webhook, stop: AbortSignal): Promise<DeliveryResult> {
    const { key } = this.settings;
    if (!key) return { kind: 'failed', reason: 'CALLBACK_SECRET is not set' };
    const { signal, abort, unlink } = linkedAbort(stop);
    const timer = setTimeout(abort, DELIVERY_TIMEOUT_MS);
    try {
      return toResult(await this.post(webhook, key, signal));
    } catch (error) {
      if (stop.aborted) return { kind: 'stopped' };
      return { kind: 'failed', reason: signal.aborted ? 'timeout' : toReason(error) };
    } finally {
      clearTimeout(timer);
      unlink();
    }
  }

  /**
   * Uses no agent, so that each connection is used once, and no proxy from the environment.
   * @returns the status of the response
   */
  private async post({ id, url, body }: Webhook, key: Buffer, signal: AbortSignal): Promise<number> {
    const target = new URL(url);
    const socket = await openConnection(target, this.isAllowed, signal);
    try {
      const headers = createSignedHeaders(key, id, Date.now(), body);
      const outgoing = createRequest(target, socket, headers, signal);
      outgoing.end(body);
      const responses = [once(outgoing, 'response'), once(outgoing, 'upgrade')];
      const [response] = (await Promise.race(responses)) as [IncomingMessage];
      if (response.statusCode !== SWITCHING_PROTOCOLS) await discardBody(response);
      return response.statusCode ?? 0;
    } finally {
      socket.destroy();
    }
  }
}

/** Uses node:http even for https URLs, because the socket has TLS already. */
function createRequest(
  target: URL,
  socket: Socket,
  signedHeaders: object,
  signal: AbortSignal,
): ClientRequest {
  const outgoing = request({
    method: 'POST',
    path: `${target.pathname}${target.search}`,
    headers: {
      host: target.host,
      'content-type': 'application/json',
      'user-agent': `${SERVICE_NAME}/${SERVICE_VERSION}`,
      ...signedHeaders,
    },
    createConnection: () => socket,
    signal,
  });
  // An error after the response is irrelevant, but without a listener it would end the process.
  return outgoing.on('error', () => undefined);
}

async function discardBody(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > RESPONSE_BYTES_MAX) return;
    }
  } catch {
    // Interrupted or timed out: the status has been read, and nothing else counts.
  }
}

function toResult(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  return { kind: 'failed', reason: `HTTP status ${status.toString()}` };
}

function toReason(error: unknown): string {
  if (error instanceof ForbiddenAddressError)
    return 'the address is not public, and CALLBACK_PRIVATE_ADDRESSES does not allow it';
  const { code, name } = error as { readonly code?: string; readonly name: string };
  return code ?? name;
}
