/** Makes the calls that clients are owed, in whichever process looks first, until each is taken or given up. */
import { Injectable, Logger } from '@nestjs/common';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { STORAGE_RETRY, retryWithBackoff } from '../../common/async/backoff';
import { getHost } from './webhook-connection';
import { WebhookLimiter, WAITING_WEBHOOKS_MAX } from './webhook-limiter';
import { postponedAttemptAt, nextAttemptAt } from './webhook-schedule';
import { DELIVERY_TIMEOUT_MS, type DeliveryResult, WebhookSender } from './webhook-sender';

/** ms for which a callback belongs to the process that calls: three times as long as a call may take. */
const CLAIM_MS = 3 * DELIVERY_TIMEOUT_MS;
/** Callbacks looked at at a time: more than may wait here, so that those never hide the others. */
const PAGE = WAITING_WEBHOOKS_MAX + 36;

@Injectable()
export class WebhookDeliveries {
  private readonly logger = new Logger(WebhookDeliveries.name);
  private readonly line = new WebhookLimiter();
  private readonly stopping = new AbortController();

  constructor(
    private readonly callbacks: WebhookRepository,
    private readonly sender: WebhookSender,
  ) {}

  /** Calls as soon as there is room; otherwise it is left due. Settles with the call, and never rejects. */
  async deliver(callback: Webhook): Promise<void> {
    await this.enter(callback);
  }

  /**
   * Takes up what is due, in this process or of one that died, and does not wait for the calls. Never rejects.
   * @param signal when it is aborted no more is looked for; calls go on until `stop`
   */
  async deliverDue(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && !this.stopping.signal.aborted) {
        const found = await this.callbacks.findDue(new Date().toISOString(), PAGE);
        const moved = await Promise.all(found.map((callback) => this.take(callback)));
        if (found.length < PAGE || !moved.includes(true)) return;
      }
    } catch (error) {
      this.logger.error({ err: error }, 'the callbacks that are due could not be read');
    }
  }

  /** Ends the calls that are being made, and leaves them due at once; nothing is called any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.line.close();
  }

  /** @returns whether it is not due any more, or soon is not */
  private async take(callback: Webhook): Promise<boolean> {
    if (this.line.has(callback.id)) return false;
    if (this.enter(callback)) return true;
    if (this.stopping.signal.aborted) return false;
    // Out of the way of those whose host has room.
    return this.putOff(
      callback,
      postponedAttemptAt(callback, Date.now()),
      callback.tries,
      'there was never room',
    );
  }

  private enter(callback: Webhook): Promise<void> | undefined {
    return this.line.tryRun(callback.id, hostnameOf(callback), () => this.attemptDelivery(callback));
  }

  private async attemptDelivery(seen: Webhook): Promise<void> {
    try {
      const claimed = { ...seen, dueAt: new Date(Date.now() + CLAIM_MS).toISOString() };
      if (!(await this.callbacks.postpone(seen, claimed.dueAt, claimed.tries))) return;
      await this.settle(claimed, await this.sender.send(claimed, this.stopping.signal));
    } catch (error) {
      // Whoever looks next finds it due, when the claim is over at the latest.
      this.logger.error({ err: error, ...this.named(seen) }, 'a callback could not be read or written');
    }
  }

  private async settle(claimed: Webhook, result: DeliveryResult): Promise<void> {
    const tries = claimed.tries + 1;
    const about = { ...this.named(claimed), tries };
    switch (result.kind) {
      case 'delivered':
        this.logger.debug(about, 'a callback is delivered');
        await this.remove(claimed);
        return;
      case 'gone':
        this.logger.warn(about, 'a callback is given up: HTTP status 410');
        await this.remove(claimed);
        return;
      case 'failed':
        this.logger.debug(about, `a callback failed: ${result.reason}`);
        await this.putOff(claimed, nextAttemptAt(claimed, tries, Date.now()), tries, result.reason);
        return;
      case 'stopped':
        await this.callbacks.postpone(claimed, new Date().toISOString(), claimed.tries);
        return;
    }
  }

  /** @param dueAt undefined: it is given up */
  private async putOff(
    seen: Webhook,
    dueAt: string | undefined,
    tries: number,
    reason: string,
  ): Promise<boolean> {
    if (dueAt !== undefined) return this.callbacks.postpone(seen, dueAt, tries);
    this.logger.warn({ ...this.named(seen), tries }, `a callback is given up after an hour: ${reason}`);
    await this.remove(seen);
    return true;
  }

  /** What is not removed is called again. */
  private remove({ id }: Webhook): Promise<void> {
    return retryWithBackoff(() => this.callbacks.remove(id), {
      ...STORAGE_RETRY,
      signal: this.stopping.signal,
    });
  }

  /** For the log: the rest of its address may hold a token. */
  private named(callback: Webhook): object {
    return { callback_id: callback.id, job_id: callback.jobId, host: hostnameOf(callback) };
  }
}

const hostnameOf = ({ url }: Webhook): string => (URL.canParse(url) ? getHost(new URL(url)) : '');
