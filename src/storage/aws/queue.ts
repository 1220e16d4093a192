/** The settings of the queue and its dead-letter queue. A test keeps deploy/cloudformation.yaml in step with them. */

/**
 * Seconds for which a received message is hidden from other workers. It only has to last until the job is RUNNING; from then
 * on the job's lease protects the execution.
 */
export const VISIBILITY_S = 30;
/** Seconds of a long poll; the maximum of SQS (Amazon SQS API Reference, ReceiveMessage). */
export const POLL_S = 20;
/** Deliveries after which a message moves to the dead-letter queue, because no worker understands or deletes it. */
const RECEIVES_MAX = 10;
const DAY_S = 24 * 60 * 60;
/** The maximum of SQS (Amazon SQS API Reference, CreateQueue). */
const DEAD_LETTER_RETENTION_S = 14 * DAY_S;
/** A lost message does no harm: the reconciler sends another one while its job is queued. */
const RETENTION_S = 4 * DAY_S;

export const deadLetterQueueName = (queue: string): string => `${queue}-dead`;

type QueueAttributes = Readonly<Record<string, string | number | boolean | object>>;

export const DEAD_LETTER_QUEUE_ATTRIBUTES: QueueAttributes = {
  MessageRetentionPeriod: DEAD_LETTER_RETENTION_S,
  SqsManagedSseEnabled: true,
};

/** @param deadLetterQueueArn the ARN, or the CloudFormation expression that returns it */
export const queueAttributes = (deadLetterQueueArn: unknown): QueueAttributes => ({
  VisibilityTimeout: VISIBILITY_S,
  ReceiveMessageWaitTimeSeconds: POLL_S,
  MessageRetentionPeriod: RETENTION_S,
  SqsManagedSseEnabled: true,
  RedrivePolicy: { deadLetterTargetArn: deadLetterQueueArn, maxReceiveCount: RECEIVES_MAX },
});

/** Converts attribute values to the strings that CreateQueue expects; objects become JSON. */
export const toStrings = (attributes: QueueAttributes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
