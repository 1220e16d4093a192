import { Injectable, Logger } from '@nestjs/common';
import { type Webhook, WebhookRepository } from '../../jobs/webhook.repository';
import { STORAGE_RETRY, retryWithBackoff } from '../../common/async/backoff';
import { getHost } from './webhook-connection';
import { WAITING_WEBHOOKS_MAX, WebhookLimiter } from './webhook-limiter';
import { nextAttemptAt, postponedAttemptAt } from './webhook-schedule';
import { DELIVERY_TIMEOUT_MS, type DeliveryResult, WebhookSender } from './webhook-sender';

/** Milliseconds for which a process claims a webhook: three times as long as a delivery may take. */
const CLAIM_MS = 3 * DELIVERY_TIMEOUT_MS;
/** Due webhooks read at a time: more than can wait in this process, so that those never hide the others. */
const PAGE_SIZE = WAITING_WEBHOOKS_MAX + 36;

/** Delivers webhooks, also those that another process has stored, until the receiver accepts them or they are given up. */
@Injectable()
export class WebhookDeliveries {
  private readonly logger = new Logger(WebhookDeliveries.name);
  private readonly limiter = new WebhookLimiter();
  private readonly stopping = new AbortController();

  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly sender: WebhookSender,
  ) {}

  /** Makes one attempt, or leaves the webhook due when too many wait. Resolves after the attempt; never rejects. */
  async deliver(webhook: Webhook): Promise<void> {
    await this.tryRun(webhook);
  }

  /**
   * Starts the delivery of all webhooks that are due, without waiting for them. Never rejects.
   * @param signal when it aborts, no more webhooks are read; deliveries continue until `stop`
   */
  async deliverDue(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && !this.stopping.signal.aborted) {
        const found = await this.webhooks.findDue(new Date().toISOString(), PAGE_SIZE);
        const handled = await Promise.all(found.map((webhook) => this.deliverOrPostpone(webhook)));
        if (found.length < PAGE_SIZE || !handled.includes(true)) return;
      }
    } catch (error) {
      this.logger.error({ err: error }, 'failed to read due webhooks');
    }
  }

  /** Aborts the running deliveries and leaves their webhooks due. No delivery starts afterwards. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.limiter.close();
  }

  /** @returns false if the webhook stays due: its delivery runs already, or the process is shutting down */
  private async deliverOrPostpone(webhook: Webhook): Promise<boolean> {
    if (this.limiter.has(webhook.id)) return false;
    if (this.tryRun(webhook)) return true;
    if (this.stopping.signal.aborted) return false;
    // The due time moves, because this webhook must not displace those of other hosts from the page of due webhooks.
    const dueAt = postponedAttemptAt(webhook, Date.now());
    return this.postponeOrGiveUp(webhook, dueAt, webhook.tries, 'its host was always busy');
  }

  private tryRun(webhook: Webhook): Promise<void> | undefined {
    return this.limiter.tryRun(webhook.id, hostnameOf(webhook), () => this.attemptDelivery(webhook));
  }

  private async attemptDelivery(webhook: Webhook): Promise<void> {
    try {
      const claimed = { ...webhook, dueAt: new Date(Date.now() + CLAIM_MS).toISOString() };
      if (!(await this.webhooks.postpone(webhook, claimed.dueAt, claimed.tries))) return;
      await this.storeResult(claimed, await this.sender.send(claimed, this.stopping.signal));
    } catch (error) {
      // The webhook is due again when the claim expires, at the latest.
      this.logger.error({ err: error, ...this.logFields(webhook) }, 'failed to read or update a webhook');
    }
  }

  private async storeResult(claimed: Webhook, result: DeliveryResult): Promise<void> {
    const tries = claimed.tries + 1;
    const fields = { ...this.logFields(claimed), tries };
    switch (result.kind) {
      case 'delivered':
        this.logger.debug(fields, 'delivered webhook');
        await this.remove(claimed);
        return;
      case 'gone':
        this.logger.warn(fields, 'gave up webhook: HTTP status 410');
        await this.remove(claimed);
        return;
      case 'failed':
        this.logger.debug(fields, `failed to deliver webhook: ${result.reason}`);
        await this.postponeOrGiveUp(claimed, nextAttemptAt(claimed, tries, Date.now()), tries, result.reason);
        return;
      case 'stopped':
        await this.webhooks.postpone(claimed, new Date().toISOString(), claimed.tries);
        return;
    }
  }

  /** @param dueAt undefined gives the webhook up */
  private async postponeOrGiveUp(
    webhook: Webhook,
    dueAt: string | undefined,
    tries: number,
    reason: string,
  ): Promise<boolean> {
    if (dueAt !== undefined) return this.webhooks.postpone(webhook, dueAt, tries);
    this.logger.warn({ ...this.logFields(webhook), tries }, `gave up webhook after an hour: ${reason}`);
    await this.remove(webhook);
    return true;
  }

  /** A webhook that cannot be removed is delivered again. */
  private remove({ id }: Webhook): Promise<void> {
    return retryWithBackoff(() => this.webhooks.remove(id), {
      ...STORAGE_RETRY,
      signal: this.stopping.signal,
    });
  }

  /** Contains only the host, because the rest of the URL may contain a token. */
  private logFields(webhook: Webhook): object {
    return { callback_id: webhook.id, job_id: webhook.jobId, host: hostnameOf(webhook) };
  }
}

const hostnameOf = ({ url }: Webhook): string => (URL.canParse(url) ? getHost(new URL(url)) : '');
