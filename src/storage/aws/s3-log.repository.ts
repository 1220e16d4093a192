import type { Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { chunkFromLine } from '../../engine-contract/chunk-lines';
import { readLines } from '../../common/lines';
import type { OutputChunk } from '../../engine-contract/report';
import { AwsSettings } from '../../config/settings';
import { LogRepository } from '../../jobs/log.repository';
import { AwsCalls } from './aws-calls';
import { toBlocks } from '../log-blocks';
import { AwsClients, createS3Client } from './aws-clients';
import { transferTimeoutMs } from './transfer-timeout';

interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

interface LogObject {
  readonly address: ObjectAddress;
  readonly bytes: number;
  readonly etag: string | undefined;
}

/** Milliseconds that a client may pause during a download. */
const DOWNLOAD_PAUSE_MS_MAX = 60_000;

/** Logs as S3 objects under `logs/{job_id}/{attempt}.ndjson`, with one chunk a line. */
@Injectable()
export class S3LogRepository extends LogRepository implements OnApplicationShutdown {
  private readonly client: S3Client;
  /** A separate client, because slow downloads would occupy the connections of the shared one, which executions need. */
  private readonly downloadClient: S3Client;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.s3;
    this.downloadClient = createS3Client(settings, DOWNLOAD_PAUSE_MS_MAX);
  }

  async put(jobId: string, attempt: number, chunks: readonly OutputChunk[]): Promise<void> {
    const Body = await toBytes(chunks);
    const requestTimeout = transferTimeoutMs(this.settings.requestTimeoutMs, Body.length);
    const command = new PutObjectCommand({
      ...this.addressOf(jobId, attempt),
      Body,
      ContentType: 'application/x-ndjson',
    });
    await this.calls.run('S3', () => this.client.send(command, { requestTimeout }));
  }

  async get(jobId: string, attempt: number): Promise<AsyncIterable<OutputChunk> | undefined> {
    const address = this.addressOf(jobId, attempt);
    const log = await this.calls.run('S3', () => this.findObject(address));
    return log && this.readChunks(log);
  }

  onApplicationShutdown(): void {
    this.downloadClient.destroy();
  }

  private addressOf(jobId: string, attempt: number): ObjectAddress {
    return { Bucket: this.settings.bucket, Key: `logs/${jobId}/${attempt.toString()}.ndjson` };
  }

  private async findObject(address: ObjectAddress): Promise<LogObject | undefined> {
    try {
      const { ContentLength = 0, ETag } = await this.client.send(new HeadObjectCommand(address));
      return { address, bytes: ContentLength, etag: ETag };
    } catch (error) {
      if ((error as Error).name !== 'NotFound') throw error;
      // A response to HEAD has no body that shows whether the object or the bucket is missing.
      await this.client.send(new HeadBucketCommand({ Bucket: address.Bucket }));
      return undefined;
    }
  }

  /** Opens the object when the first chunk is requested, so that a caller that reads none leaves nothing open. */
  private async *readChunks(log: LogObject): AsyncGenerator<OutputChunk> {
    try {
      for await (const line of readLines(this.readBytes(log))) yield chunkFromLine(line);
    } catch (error) {
      throw this.calls.unavailable('S3', error);
    }
  }

  /** Resumes after a broken connection. The SDK does not: it repeats a call only until its response starts. */
  private async *readBytes({ address, bytes, etag }: LogObject): AsyncGenerator<Buffer> {
    let offset = 0;
    let failures = 0;
    while (offset < bytes) {
      if (failures >= this.settings.attemptsMax)
        throw new Error(`Reading ${address.Key} failed ${failures.toString()} times in a row`);
      const part = { ...address, IfMatch: etag, Range: `bytes=${offset.toString()}-` };
      const { Body } = await this.downloadClient.send(new GetObjectCommand(part));
      for await (const data of readUntilBroken(Body as Readable)) {
        offset += data.length;
        failures = 0;
        yield data;
      }
      failures += 1;
    }
  }
}

async function* readUntilBroken(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const data of body as AsyncIterable<Buffer>) yield data;
  } catch {
    // The caller sees that bytes are missing, and reads the rest.
  }
}

/** Yields to the event loop after each block, so that a large log does not delay other requests. */
async function toBytes(chunks: readonly OutputChunk[]): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (const block of toBlocks(chunks)) {
    blocks.push(Buffer.from(block));
    await immediate();
  }
  return Buffer.concat(blocks);
}
