/** What clients ask of executions that nobody waits for: kept beside the code until the execution has ended. */
import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ObjectStore } from '../../jobs/object.store';
import type { ExecutionRequest } from '../engine-clients/engine.client';

/** What an execution needs that its job does not tell. */
export type ProgramInput = Pick<ExecutionRequest, 'input' | 'inputs' | 'client'>;

@Injectable()
export class QueuedRequestStore {
  private readonly logger = new Logger(QueuedRequestStore.name);

  constructor(private readonly objects: ObjectStore) {}

  /** @returns the key under which it is found again */
  async put(asked: ProgramInput): Promise<string> {
    // Of its own for each call: a request that is repeated may come from another address.
    const key = `requests/${randomUUID()}.json`;
    await this.objects.put(key, JSON.stringify(asked), 'json');
    return key;
  }

  async get(key: string): Promise<ProgramInput> {
    return JSON.parse(await this.objects.get(key)) as ProgramInput;
  }

  /** What cannot be removed now costs space and nothing else: the bucket's rules, or the next start, take it away. */
  async delete(key: string): Promise<void> {
    try {
      await this.objects.delete(key);
    } catch (error) {
      this.logger.warn({ err: error, key }, 'a request that was carried out could not be removed');
    }
  }
}
