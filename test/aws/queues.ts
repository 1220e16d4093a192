import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { AwsSettings } from '../../src/config/settings';
import { deadLetterQueueName } from '../../src/storage/aws/queue';
import { REGION } from '../support/aws';

async function withSqs<T>(use: (sqs: SQSClient) => Promise<T>): Promise<T> {
  const sqs = new SQSClient({ region: REGION, endpoint: process.env['AWS_TEST_SQS_URL'] ?? '' });
  try {
    return await use(sqs);
  } finally {
    sqs.destroy();
  }
}

const urlOf = async (sqs: SQSClient, QueueName: string): Promise<string> =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';

/** @param seconds for which messages received from now on are invisible to other receivers */
export async function setVisibilityTimeout({ queue }: AwsSettings, seconds: number): Promise<void> {
  await withSqs(async (sqs) => {
    const Attributes = { VisibilityTimeout: seconds.toString() };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: await urlOf(sqs, queue), Attributes }));
  });
}

export async function sendMessage({ queue }: AwsSettings, MessageBody: string): Promise<void> {
  await withSqs(async (sqs) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(sqs, queue), MessageBody }));
  });
}

/** @returns the body of a message in the dead-letter queue; undefined if there is none within 10 s */
export const receiveDeadLetter = ({ queue }: AwsSettings): Promise<string | undefined> =>
  withSqs(async (sqs) => {
    const QueueUrl = await urlOf(sqs, deadLetterQueueName(queue));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    return Messages[0]?.Body;
  });

export async function deleteQueue({ queue }: AwsSettings): Promise<void> {
  await withSqs(async (sqs) => {
    await sqs.send(new DeleteQueueCommand({ QueueUrl: await urlOf(sqs, queue) }));
  });
}

export const queueAttributesOf = (queue: string): Promise<Partial<Record<string, string>>> =>
  withSqs(async (sqs) => {
    const QueueUrl = await urlOf(sqs, queue);
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (await sqs.send(command)).Attributes ?? {};
  });
