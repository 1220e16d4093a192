import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Injectable } from '@nestjs/common';
import { AwsSettings } from '../../config/settings';
import { ObjectStore } from '../../jobs/object.store';
import { AwsCalls } from './aws-calls';
import { AwsClients, PING_MS_MAX } from './aws-clients';
import { transferTimeoutMs } from './transfer-timeout';

/** Objects in S3 under their own keys, such as `uploads/{job_id}.{extension}`. */
@Injectable()
export class S3ObjectStore extends ObjectStore {
  private readonly client: S3Client;

  constructor(
    private readonly settings: AwsSettings,
    clients: AwsClients,
    private readonly calls: AwsCalls,
  ) {
    super();
    this.client = clients.s3;
  }

  async put(key: string, text: string, language: string): Promise<void> {
    const Body = Buffer.from(text);
    const sha256 = digestOf(Body);
    const requestTimeout = transferTimeoutMs(this.settings.requestTimeoutMs, Body.length);
    const command = new PutObjectCommand({
      ...this.addressOf(key),
      Body,
      IfNoneMatch: '*',
      ContentType: 'text/plain; charset=utf-8',
      ChecksumAlgorithm: 'SHA256',
      Metadata: { language, sha256 },
    });
    await this.calls.run('S3', async () => {
      try {
        await this.client.send(command, { requestTimeout });
      } catch (error) {
        // An earlier attempt may have lost its response. Then the stored object is this one.
        if (!isAlreadyStored(error) || (await this.findDigest(key)) !== sha256) throw error;
      }
    });
  }

  async get(key: string): Promise<string> {
    const bytes = await this.calls.run('S3', () => this.read(key));
    return bytes.toString('utf8');
  }

  async delete(key: string): Promise<void> {
    await this.calls.run('S3', () => this.client.send(new DeleteObjectCommand(this.addressOf(key))));
  }

  async ping(): Promise<void> {
    const abortSignal = AbortSignal.timeout(PING_MS_MAX);
    const command = new HeadBucketCommand({ Bucket: this.settings.bucket });
    await this.calls.run('S3', () => this.client.send(command, { abortSignal }));
  }

  private addressOf(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.bucket, Key: key };
  }

  /** @returns the digest of the stored object; undefined if there is none */
  private async findDigest(key: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.addressOf(key)))).Metadata?.['sha256'];
    } catch (error) {
      if ((error as Error).name === 'NotFound') return undefined;
      throw error;
    }
  }

  /** Repeats a read whose body was cut off. The SDK does not: it repeats a call only until its response starts. */
  private async read(key: string): Promise<Buffer> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.client.send(new GetObjectCommand(this.addressOf(key)));
      try {
        const bytes = await this.readBody(response);
        if (digestOf(bytes) === response.Metadata?.['sha256']) return bytes;
        throw new Error(`The digest of ${key} does not match its content`);
      } catch (error) {
        if (attempt >= this.settings.attemptsMax) throw error;
      }
    }
  }

  /** Limits the total time. The timeouts of the SDK do not end for a server that sends a byte now and then. */
  private async readBody({ Body, ContentLength = 0 }: GetObjectCommandOutput): Promise<Buffer> {
    const body = Body as Readable;
    const timer = setTimeout(
      () => {
        body.destroy(new Error('The object was not read in time'));
      },
      transferTimeoutMs(this.settings.requestTimeoutMs, ContentLength),
    );
    try {
      return await buffer(body);
    } finally {
      clearTimeout(timer);
    }
  }
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** 409 is a concurrent put of the same key (Amazon S3 User Guide, "Conditional writes"). */
const isAlreadyStored = (error: unknown): boolean =>
  ['PreconditionFailed', 'ConditionalRequestConflict'].includes((error as Error).name);
