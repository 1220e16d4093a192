import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AdaptiveRetryStrategy } from '@smithy/core/retry';
import { AwsSettings } from '../../config/settings';
import { BoundedRateLimiter } from './bounded-rate-limiter';
import { POLL_S } from './queue';
import { ATTEMPT_STEP, CALL_STEP, attemptMiddleware, callMiddleware } from './uncertain-writes';

/** Concurrent requests per client; further ones wait for a connection. The SDK's default of 50 is too low for a server. */
const CONNECTIONS_MAX = 256;

/** Timeout in ms of a health check, which gives up after 3 s and ignores a later response. */
export const PING_MS_MAX = 2500;

/**
 * The SDK clients of this process, one per service. All adapters share them, because adaptive retries are per client: when
 * AWS throttles one repository, the others must slow down too.
 */
@Injectable()
export class AwsClients implements OnApplicationShutdown {
  readonly s3: S3Client;
  readonly dynamo: DynamoDBDocumentClient;
  readonly sqs: SQSClient;

  constructor(settings: AwsSettings) {
    this.s3 = createS3Client(settings);
    this.dynamo = createDynamoClient(settings);
    this.sqs = createSqsClient(settings);
  }

  onApplicationShutdown(): void {
    this.s3.destroy();
    this.dynamo.destroy();
    this.sqs.destroy();
  }
}

/** @param idleMsMax gives up a response that sends no byte for this many ms; defaults to AWS_REQUEST_TIMEOUT */
export function createS3Client(settings: AwsSettings, idleMsMax = settings.requestTimeoutMs): S3Client {
  const client = new S3Client({
    ...commonOptions(settings, idleMsMax),
    ...endpointOption(settings.s3EndpointUrl),
    forcePathStyle: settings.s3EndpointUrl !== undefined,
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT_STEP);
  client.middlewareStack.add(callMiddleware, CALL_STEP);
  return client;
}

export function createDynamoClient(settings: AwsSettings): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...commonOptions(settings, settings.requestTimeoutMs),
    ...endpointOption(settings.dynamodbEndpointUrl),
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT_STEP);
  client.middlewareStack.add(callMiddleware, CALL_STEP);
  // The document client's own destroy() does nothing, because it may not own the client that it wraps. This one does.
  return Object.assign(DynamoDBDocumentClient.from(client), {
    destroy: () => {
      client.destroy();
    },
  });
}

/** Maximum duration in ms of a ReceiveMessage call, including its long poll. */
export const receiveMsMax = (settings: AwsSettings): number => POLL_S * 1000 + settings.requestTimeoutMs;

function createSqsClient(settings: AwsSettings): SQSClient {
  const client = new SQSClient({
    ...commonOptions(settings, receiveMsMax(settings)),
    ...endpointOption(settings.sqsEndpointUrl),
    // The host in a queue URL is the one that the server knows itself by; it may not be reachable from here.
    useQueueUrlAsEndpoint: false,
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT_STEP);
  client.middlewareStack.add(callMiddleware, CALL_STEP);
  return client;
}

const endpointOption = (endpoint: string | undefined): { endpoint?: string } =>
  endpoint === undefined ? {} : { endpoint };

function commonOptions(settings: AwsSettings, idleMsMax: number) {
  const agent = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
  return {
    region: settings.region,
    // Pass the number itself: the strategy ignores a provider function and would default to three attempts.
    retryStrategy: new AdaptiveRetryStrategy(settings.attemptsMax, { rateLimiter: new BoundedRateLimiter() }),
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: idleMsMax,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
