/** What clients ask of executions that nobody waits for: kept beside the code until the execution has ended. */
import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { CodeRepository } from '../jobs/code.repository';
import type { ExecutionRequest } from './engine.client';

/** What an execution needs that its job does not tell. */
export type Asked = Pick<ExecutionRequest, 'input' | 'inputs' | 'client'>;

@Injectable()
export class StoredRequests {
  private readonly logger = new Logger(StoredRequests.name);

  constructor(private readonly objects: CodeRepository) {}

  /** @returns the key under which it is found again */
  async put(asked: Asked): Promise<string> {
    // Of its own for each call: a request that is repeated may come from another address.
    const key = `requests/${randomUUID()}.json`;
    await this.objects.put(key, JSON.stringify(asked), 'json');
    return key;
  }

  async get(key: string): Promise<Asked> {
    return JSON.parse(await this.objects.get(key)) as Asked;
  }

  /** What cannot be removed now costs space and nothing else: the bucket's rules, or the next start, take it away. */
  async forget(key: string): Promise<void> {
    try {
      await this.objects.delete(key);
    } catch (error) {
      this.logger.warn({ err: error, key }, 'a request that was carried out could not be removed');
    }
  }
}
