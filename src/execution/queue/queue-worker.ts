import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { backoffMs, pause } from '../../common/async/backoff';
import { QueueSettings } from '../../config/settings';
import { type Delivery, ExecutionQueue } from '../../jobs/execution.queue';
import { DeliveryProcessor } from './delivery-processor';

/** The most deliveries that one call of ExecutionQueue.receive returns. */
const RECEIVE_MAX = 10;
/** Delays between attempts to receive while the queue fails. */
const RECEIVE_BACKOFF = { firstMs: 200, factor: 2, maxMs: 10_000 };

/** Receives queue messages and has them processed, at most WORKER_CONCURRENCY at a time. */
@Injectable()
export class QueueWorker implements OnApplicationBootstrap {
  private readonly logger = new Logger(QueueWorker.name);
  private readonly stopping = new AbortController();
  private readonly processing = new Set<Promise<void>>();
  private receiving: Promise<void> = Promise.resolve();

  constructor(
    private readonly queue: ExecutionQueue,
    private readonly processor: DeliveryProcessor,
    private readonly settings: QueueSettings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.isWorker) this.receiving = this.receiveAll();
  }

  /** Receives no more messages, and waits until those that were received are processed. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.receiving;
    await Promise.all(this.processing);
  }

  private async receiveAll(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      const freeCapacity = this.settings.concurrency - this.processing.size;
      if (freeCapacity <= 0) {
        await Promise.race(this.processing);
        continue;
      }
      try {
        const deliveries = await this.queue.receive(Math.min(freeCapacity, RECEIVE_MAX), signal);
        for (const delivery of deliveries) this.process(delivery);
        failures = 0;
      } catch (error) {
        this.logger.warn({ err: error }, 'failed to receive queue messages');
        await pause(backoffMs(RECEIVE_BACKOFF, failures), signal);
        failures += 1;
      }
    }
  }

  private process(delivery: Delivery): void {
    const work = this.processor
      .process(delivery, this.stopping.signal)
      .finally(() => this.processing.delete(work));
    this.processing.add(work);
  }
}
