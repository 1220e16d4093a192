/** The queue and the one for what cannot be dealt with. deploy/cloudformation.yaml says the same; a test compares them. */

/** s that a message is nobody else's: it only has to last until its job is RUNNING, whose lease cares for the rest. */
export const VISIBILITY_S = 30;
/** s that SQS waits for a message at most (Amazon SQS API Reference, ReceiveMessage). */
export const POLL_S = 20;
/** Deliveries of one message; what comes more often is one that nobody understands, or accepts. */
const RECEIVES_MAX = 10;
const DAY_S = 24 * 60 * 60;
/** The longest that there is (Amazon SQS API Reference, CreateQueue). */
const DEAD_RETENTION_S = 14 * DAY_S;
/** A message that is lost is sent again while its job is queued. */
const RETENTION_S = 4 * DAY_S;

export const deadQueueOf = (queue: string): string => `${queue}-dead`;

type QueueAttributes = Readonly<Record<string, string | number | boolean | object>>;

export const DEAD_QUEUE_ATTRIBUTES: QueueAttributes = {
  MessageRetentionPeriod: DEAD_RETENTION_S,
  SqsManagedSseEnabled: true,
};

/** @param deadQueueArn as a template or an answer has it */
export const queueAttributes = (deadQueueArn: unknown): QueueAttributes => ({
  VisibilityTimeout: VISIBILITY_S,
  ReceiveMessageWaitTimeSeconds: POLL_S,
  MessageRetentionPeriod: RETENTION_S,
  SqsManagedSseEnabled: true,
  RedrivePolicy: { deadLetterTargetArn: deadQueueArn, maxReceiveCount: RECEIVES_MAX },
});

/** As CreateQueue takes them: text, an object as JSON. */
export const asText = (attributes: QueueAttributes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
