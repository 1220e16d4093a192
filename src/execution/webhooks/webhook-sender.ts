/** One call: a signed POST, of whose answer the status alone counts. */
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

/** ms for all of a call. */
export const DELIVERY_TIMEOUT_MS = 10_000;
/** Bytes of an answer that are read before the connection is closed, so that most receivers see none broken. */
const ANSWER_BYTES_MAX = 65_536;
/** Without a body; nobody asked for it. */
const SWITCHING_PROTOCOLS = 101;

export type DeliveryResult =
  /** 2xx. */
  | { readonly kind: 'delivered' }
  /** 410 Gone: the receiver wants to hear no more (Standard Webhooks, "Response handling"). */
  | { readonly kind: 'gone' }
  /** @param reason for the log: without the address, which may hold a token */
  | { readonly kind: 'failed'; readonly reason: string }
  /** By the signal; the receiver may have got it all the same. */
  | { readonly kind: 'stopped' };

@Injectable()
export class WebhookSender {
  private readonly allows: AddressPolicy;

  constructor(private readonly settings: WebhookSettings) {
    this.allows = settings.mayCallPrivateAddresses ? () => true : isGlobalAddress;
  }

  /** Never rejects. */
  async send(callback: Webhook, stop: AbortSignal): Promise<DeliveryResult> {
    const { key } = this.settings;
    if (!key) return { kind: 'failed', reason: 'there is no CALLBACK_SECRET' };
    const { signal, abort, unlink } = linkedAbort(stop);
    const timer = setTimeout(abort, DELIVERY_TIMEOUT_MS);
    try {
      return resultOf(await this.post(callback, key, signal));
    } catch (error) {
      if (stop.aborted) return { kind: 'stopped' };
      return { kind: 'failed', reason: signal.aborted ? 'it took too long' : reasonOf(error) };
    } finally {
      clearTimeout(timer);
      unlink();
    }
  }

  /** Gives the status. No agent: a connection is used once, and no proxy that the environment may name. */
  private async post({ id, url, body }: Webhook, key: Buffer, signal: AbortSignal): Promise<number> {
    const target = new URL(url);
    const socket = await openConnection(target, this.allows, signal);
    try {
      const outgoing = begin(target, socket, createSignedHeaders(key, id, Date.now(), body), signal);
      outgoing.end(body);
      const heads = [once(outgoing, 'response'), once(outgoing, 'upgrade')];
      const [answer] = (await Promise.race(heads)) as [IncomingMessage];
      if (answer.statusCode !== SWITCHING_PROTOCOLS) await drop(answer);
      return answer.statusCode ?? 0;
    } finally {
      socket.destroy();
    }
  }
}

/** Over TLS too, which the socket does by itself. */
function begin(target: URL, socket: Socket, signed: object, signal: AbortSignal): ClientRequest {
  const outgoing = request({
    method: 'POST',
    path: `${target.pathname}${target.search}`,
    headers: {
      host: target.host,
      'content-type': 'application/json',
      'user-agent': `${SERVICE_NAME}/${SERVICE_VERSION}`,
      ...signed,
    },
    createConnection: () => socket,
    signal,
  });
  // What comes after the answer is of no use to anybody, and must not end the process.
  return outgoing.on('error', () => undefined);
}

/** However it goes on, the status is known. */
async function drop(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) return;
    }
  } catch {
    // Cut off, or too slow.
  }
}

function resultOf(status: number): DeliveryResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  return { kind: 'failed', reason: `HTTP status ${status.toString()}` };
}

function reasonOf(error: unknown): string {
  if (error instanceof ForbiddenAddressError)
    return 'its address is neither public nor allowed by CALLBACK_PRIVATE_ADDRESSES';
  const { code, name } = error as { readonly code?: string; readonly name: string };
  return code ?? name;
}
