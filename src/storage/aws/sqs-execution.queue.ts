/** The queue of executions in SQS: a standard queue, which may deliver twice, and not quite in order. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { onAbort } from '../../common/async/abort';
import { deferred } from '../../common/async/deferred';
import { AwsSettings } from '../../config/settings';
import { type Delivery, ExecutionQueue, type QueueMessage } from '../../jobs/execution.queue';
import { AwsCalls } from './aws-calls';
import { AwsClients, PING_MS_MAX } from './aws-clients';
import { classifyAwsError } from './aws-errors';
import { POLL_S, VISIBILITY_S } from './queue';
import { parseMessage, formatMessage } from './queue-message';

/** What ReceiveMessage takes (Amazon SQS API Reference). */
const RECEIVE_MAX = 10;
/** s: the 12 hours of SQS count from the delivery (Amazon SQS Developer Guide, "Visibility timeout"). */
const HIDDEN_S_MAX = 12 * 60 * 60 - VISIBILITY_S;
/** ms that an answer on its way gets after nobody waits for it any more; what it brings is given back. */
const LATE_RESPONSE_MS = 500;

@Injectable()
export class SqsExecutionQueue extends ExecutionQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(SqsExecutionQueue.name);
  private readonly client: SQSClient;
  /** Undefined: not asked for yet, or it did not work. */
  private queueUrl: Promise<string> | undefined;
  /** Polls that nobody waits for any more. */
  private readonly latePolls = new Set<Promise<void>>();

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.sqs;
  }

  async send(message: QueueMessage): Promise<void> {
    await this.withQueueUrl((QueueUrl) =>
      this.client.send(new SendMessageCommand({ QueueUrl, MessageBody: formatMessage(message) })),
    );
  }

  async receive(countMax: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    const aborted = deferred<undefined>();
    const removeListener = onAbort(signal, () => {
      aborted.resolve(undefined);
    });
    try {
      while (!signal.aborted) {
        const cut = new AbortController();
        const polled = this.poll(countMax, cut.signal);
        const messages = await Promise.race([polled, aborted.promise]);
        if (messages === undefined) this.releaseLatePoll(polled, cut);
        const deliveries = (messages ?? []).flatMap((message) => this.toDelivery(message) ?? []);
        if (deliveries.length > 0) return deliveries;
      }
      return [];
    } finally {
      removeListener();
    }
  }

  /** A message can be found by receiving it alone. It is received one day, and means nothing then. */
  remove(): Promise<void> {
    return Promise.resolve();
  }

  findPosition(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async ping(): Promise<void> {
    const abortSignal = AbortSignal.timeout(PING_MS_MAX);
    await this.withQueueUrl((QueueUrl) =>
      this.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }), {
        abortSignal,
      }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.latePolls);
  }

  private async poll(countMax: number, abortSignal: AbortSignal): Promise<readonly Message[]> {
    const requestTimeout = this.pollMsMax();
    const count = Math.min(countMax, RECEIVE_MAX);
    const { Messages = [] } = await this.withQueueUrl((QueueUrl) =>
      this.client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: count, WaitTimeSeconds: POLL_S }),
        { abortSignal, requestTimeout },
      ),
    );
    return Messages;
  }

  /** Whoever cuts a poll off at once loses, until they are visible again, the messages that SQS has just sent. */
  private releaseLatePoll(polled: Promise<readonly Message[]>, cut: AbortController): void {
    const timer = setTimeout(() => {
      cut.abort();
    }, LATE_RESPONSE_MS);
    const given = polled
      .then(async (messages) => {
        await Promise.all(messages.map((message) => this.release(message, 0)));
      })
      // They come again in any case.
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        this.latePolls.delete(given);
      });
    this.latePolls.add(given);
  }

  /** Undefined for what is not ours: it comes again until SQS puts it aside. */
  private toDelivery(message: Message): Delivery | undefined {
    const ours = parseMessage(message.Body);
    if (!ours) {
      this.logger.error(`${this.settings.queue} has a message that is not ours: ${message.MessageId ?? ''}`);
      return undefined;
    }
    return {
      message: ours,
      acknowledge: () => this.acknowledge(message),
      release: (ms) => this.release(message, ms),
    };
  }

  private async acknowledge({ ReceiptHandle }: Message): Promise<void> {
    await this.withQueueUrl((QueueUrl) =>
      this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
    );
  }

  private async release({ ReceiptHandle }: Message, ms: number): Promise<void> {
    const VisibilityTimeout = Math.min(Math.ceil(ms / 1000), HIDDEN_S_MAX);
    await this.withQueueUrl(async (QueueUrl) => {
      const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
      try {
        await this.client.send(command);
      } catch (error) {
        // It is back already: by an attempt whose answer was lost, or since this one came late.
        if ((error as Error).name !== 'MessageNotInflight') throw error;
      }
    });
  }

  /** @throws StorageUnavailableError */
  private withQueueUrl<T>(call: (queueUrl: string) => Promise<T>): Promise<T> {
    return this.calls.run('SQS', async () => {
      const url = (this.queueUrl ??= this.fetchQueueUrl());
      try {
        return await call(await url);
      } catch (error) {
        if (classifyAwsError(error) === 'missing' && this.queueUrl === url) this.queueUrl = undefined;
        throw error;
      }
    });
  }

  private async fetchQueueUrl(): Promise<string> {
    try {
      const command = new GetQueueUrlCommand({ QueueName: this.settings.queue });
      const { QueueUrl } = await this.client.send(command);
      if (QueueUrl === undefined) throw new Error('SQS has a queue without a URL');
      return QueueUrl;
    } catch (error) {
      this.queueUrl = undefined;
      throw error;
    }
  }

  /** ms */
  private pollMsMax(): number {
    return POLL_S * 1000 + this.settings.requestTimeoutMs;
  }
}
