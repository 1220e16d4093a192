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
import { AwsClients, PING_MS_MAX, receiveMsMax } from './aws-clients';
import { classifyAwsError } from './aws-errors';
import { POLL_S, VISIBILITY_S } from './queue';
import { parseMessage, formatMessage } from './queue-message';

/** The maximum of ReceiveMessage (Amazon SQS API Reference). */
const RECEIVE_MAX = 10;
/**
 * The longest time in seconds for which a released message can be hidden. SQS counts its limit of 12 hours from the delivery
 * (Amazon SQS Developer Guide, "Visibility timeout").
 */
const HIDDEN_S_MAX = 12 * 60 * 60 - VISIBILITY_S;
/** Milliseconds to wait for the response of a poll whose receiver has stopped, so that its messages can be released. */
const LATE_RESPONSE_MS = 500;

/** The execution queue in SQS: a standard queue, which may deliver a message twice, and not strictly in order. */
@Injectable()
export class SqsExecutionQueue extends ExecutionQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(SqsExecutionQueue.name);
  private readonly client: SQSClient;
  /** Undefined before the first call, and after one that failed. */
  private queueUrl: Promise<string> | undefined;
  /** Polls whose receiver has stopped. */
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
        const pollAbort = new AbortController();
        const polled = this.poll(countMax, pollAbort.signal);
        const messages = await Promise.race([polled, aborted.promise]);
        if (messages === undefined) this.releaseLatePoll(polled, pollAbort);
        const deliveries = (messages ?? []).flatMap((message) => this.toDelivery(message) ?? []);
        if (deliveries.length > 0) return deliveries;
      }
      return [];
    } finally {
      removeListener();
    }
  }

  /** Does nothing: SQS can only find a message by receiving it. Its receiver finds that it is obsolete. */
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
    const requestTimeout = receiveMsMax(this.settings);
    const count = Math.min(countMax, RECEIVE_MAX);
    const { Messages = [] } = await this.withQueueUrl((QueueUrl) =>
      this.client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: count, WaitTimeSeconds: POLL_S }),
        { abortSignal, requestTimeout },
      ),
    );
    return Messages;
  }

  /**
   * Releases the messages of a poll whose receiver has stopped. If the poll were aborted at once, messages that SQS has just
   * sent would stay hidden until their visibility timeout ends.
   */
  private releaseLatePoll(polled: Promise<readonly Message[]>, abort: AbortController): void {
    const timer = setTimeout(() => {
      abort.abort();
    }, LATE_RESPONSE_MS);
    const released = polled
      .then(async (messages) => {
        await Promise.all(messages.map((message) => this.release(message, 0)));
      })
      // SQS delivers them again after their visibility timeout.
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        this.latePolls.delete(released);
      });
    this.latePolls.add(released);
  }

  /** Undefined for a message that this service did not write. SQS moves it to the dead-letter queue after some deliveries. */
  private toDelivery(message: Message): Delivery | undefined {
    const parsed = parseMessage(message.Body);
    if (!parsed) {
      this.logger.error(
        { queue: this.settings.queue, message_id: message.MessageId },
        'received a message that this service did not write',
      );
      return undefined;
    }
    return {
      message: parsed,
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
        // The message is visible already: an earlier attempt lost its response, or the visibility timeout has ended.
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
      if (QueueUrl === undefined) throw new Error('SQS returned a queue without a URL');
      return QueueUrl;
    } catch (error) {
      this.queueUrl = undefined;
      throw error;
    }
  }
}
