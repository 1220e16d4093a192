import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { DEAD_LETTER_QUEUE_ATTRIBUTES, deadLetterQueueName, queueAttributes, toStrings } from '../queue';
import { exists, ignoringErrors } from './expected-errors';

/** The names of the error in the two SQS protocols (JSON and query). */
const NOT_FOUND = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];
/** Another process has created the queue with other attributes. */
const ALREADY_EXISTS = ['QueueNameExists', 'QueueAlreadyExists'];

/** Creates the queue and its dead-letter queue if the queue does not exist. */
export async function createQueues(sqs: SQSClient, queue: string): Promise<void> {
  if (await exists(sqs.send(new GetQueueUrlCommand({ QueueName: queue })), ...NOT_FOUND)) return;
  const deadLetterQueueArn = await createQueue(
    sqs,
    deadLetterQueueName(queue),
    toStrings(DEAD_LETTER_QUEUE_ATTRIBUTES),
  );
  await createQueue(sqs, queue, toStrings(queueAttributes(deadLetterQueueArn)));
}

/** @returns the ARN */
async function createQueue(
  sqs: SQSClient,
  QueueName: string,
  Attributes: Record<string, string>,
): Promise<string | undefined> {
  await ignoringErrors(sqs.send(new CreateQueueCommand({ QueueName, Attributes })), ...ALREADY_EXISTS);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const response = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return response.Attributes?.['QueueArn'];
}
