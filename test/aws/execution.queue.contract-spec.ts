import { SqsExecutionQueue } from '../../src/storage/aws/sqs-execution.queue';
import { describeExecutionQueue } from '../contract/execution.queue.suite';
import { setVisibilityTimeout } from './queues';
import { createStorage } from './storage';

describeExecutionQueue('SQS', async () => {
  const { settings, clients, calls } = await createStorage();
  const open = (): SqsExecutionQueue => new SqsExecutionQueue(settings, clients, calls);
  const opened = [open()];
  return {
    queue: opened[0] ?? open(),
    deliverBriefly: () => setVisibilityTimeout(settings, 1),
    reopen: () => {
      opened.push(open());
      return Promise.resolve(opened.at(-1) ?? open());
    },
    close: async () => {
      await Promise.all(opened.map((queue) => queue.onApplicationShutdown()));
    },
  };
});
