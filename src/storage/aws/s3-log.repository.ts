/** Logs as objects in S3, under `logs/{job_id}/{attempt}.ndjson`, a chunk a line. */
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

/** ms that a client may pause in the middle of a download. */
const READER_PAUSE_MS_MAX = 60_000;

@Injectable()
export class S3LogRepository extends LogRepository implements OnApplicationShutdown {
  private readonly client: S3Client;
  /** Of their own: slow readers must not take the connections that executions need. */
  private readonly downloadClient: S3Client;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.s3;
    this.downloadClient = createS3Client(settings, READER_PAUSE_MS_MAX);
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
    const at = this.addressOf(jobId, attempt);
    const log = await this.calls.run('S3', () => this.findObject(at));
    return log && this.readChunks(log);
  }

  onApplicationShutdown(): void {
    this.downloadClient.destroy();
  }

  private addressOf(jobId: string, attempt: number): ObjectAddress {
    return { Bucket: this.settings.bucket, Key: `logs/${jobId}/${attempt.toString()}.ndjson` };
  }

  private async findObject(at: ObjectAddress): Promise<LogObject | undefined> {
    try {
      const { ContentLength = 0, ETag } = await this.client.send(new HeadObjectCommand(at));
      return { address: at, bytes: ContentLength, etag: ETag };
    } catch (error) {
      if ((error as Error).name !== 'NotFound') throw error;
      // An answer to HEAD has no body that says whether it is the object or the bucket that is not there.
      await this.client.send(new HeadBucketCommand({ Bucket: at.Bucket }));
      return undefined;
    }
  }

  /** Asks for the object when the first chunk is asked for, so that whoever asks for none leaves nothing open. */
  private async *readChunks(log: LogObject): AsyncGenerator<OutputChunk> {
    try {
      for await (const line of readLines(this.readBytes(log))) yield chunkFromLine(line);
    } catch (error) {
      throw this.calls.unavailable('S3', error);
    }
  }

  /** Goes on from where it was when a connection breaks: the SDK repeats a call only until its answer begins. */
  private async *readBytes({ address, bytes, etag }: LogObject): AsyncGenerator<Buffer> {
    let offset = 0;
    for (let breaks = 0; offset < bytes; breaks += 1) {
      if (breaks >= this.settings.attemptsMax) throw new Error(`${address.Key} broke off again and again`);
      const part = { ...address, IfMatch: etag, Range: `bytes=${offset.toString()}-` };
      const { Body } = await this.downloadClient.send(new GetObjectCommand(part));
      for await (const data of readUntilBroken(Body as Readable)) {
        [offset, breaks] = [offset + data.length, 0];
        yield data;
      }
    }
  }
}

async function* readUntilBroken(body: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const data of body as AsyncIterable<Buffer>) yield data;
  } catch {
    // Whoever reads sees that something is missing.
  }
}

/** The lines of large logs are made a block at a time, so that other requests are answered in between. */
async function toBytes(chunks: readonly OutputChunk[]): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (const block of toBlocks(chunks)) {
    blocks.push(Buffer.from(block));
    await immediate();
  }
  return Buffer.concat(blocks);
}
