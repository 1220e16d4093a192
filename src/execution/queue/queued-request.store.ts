import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ObjectStore } from '../../jobs/object.store';
import type { ExecutionRequest } from '../../engine-contract/execution-request';

/** What the engine needs for an execution besides the job. */
export type ProgramInput = Pick<ExecutionRequest, 'input' | 'inputs' | 'client'>;

/** Stores the input of asynchronous executions in the object store until the execution has ended. */
@Injectable()
export class QueuedRequestStore {
  private readonly logger = new Logger(QueuedRequestStore.name);

  constructor(private readonly objects: ObjectStore) {}

  /**
   * @returns the key under which the request is stored
   * @throws StorageUnavailableError
   */
  async put(input: ProgramInput): Promise<string> {
    // Each call has its own key, because a repeated request may come from another client address.
    const key = `requests/${randomUUID()}.json`;
    await this.objects.put(key, JSON.stringify(input), 'json');
    return key;
  }

  /** @throws StorageUnavailableError */
  async get(key: string): Promise<ProgramInput> {
    return JSON.parse(await this.objects.get(key)) as ProgramInput;
  }

  /** Never rejects. An object that stays only takes space until the lifecycle rules, or the next start, remove it. */
  async delete(key: string): Promise<void> {
    try {
      await this.objects.delete(key);
    } catch (error) {
      this.logger.warn({ err: error, key }, 'failed to delete stored request');
    }
  }
}
