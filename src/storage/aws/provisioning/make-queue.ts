/** Makes the queue, and the one for what cannot be dealt with, where they are missing. */
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { createOrAccept } from './provisioning';
import { DEAD_QUEUE_ATTRIBUTES, asText, deadQueueOf, queueAttributes } from '../queue';

/** As SQS calls it in either of its protocols. */
const MISSING = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];
/** Another process made it with attributes of its own. */
const THERE = ['QueueNameExists', 'QueueAlreadyExists'];

export async function makeQueue(sqs: SQSClient, queue: string): Promise<void> {
  if (await createOrAccept(sqs.send(new GetQueueUrlCommand({ QueueName: queue })), ...MISSING)) return;
  const dead = await createQueue(sqs, deadQueueOf(queue), asText(DEAD_QUEUE_ATTRIBUTES));
  await createQueue(sqs, queue, asText(queueAttributes(dead)));
}

/** @returns the ARN */
async function createQueue(
  sqs: SQSClient,
  QueueName: string,
  Attributes: Record<string, string>,
): Promise<string | undefined> {
  await createOrAccept(sqs.send(new CreateQueueCommand({ QueueName, Attributes })), ...THERE);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return answer.Attributes?.['QueueArn'];
}
