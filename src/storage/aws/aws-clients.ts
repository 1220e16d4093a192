/** Clients of the SDK: kept alive, bounded in time, repeating what may be repeated, honest about what may have happened. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AdaptiveRetryStrategy } from '@smithy/core/retry';
import type { AwsSettings } from '../../config/settings';
import { BoundedRateLimiter } from './bounded-rate-limiter';
import { ATTEMPT, CALL, attemptMiddleware, callMiddleware } from './attempts';

/** Requests at a time; more wait for a connection. The SDK's own 50 are few for a server. */
const CONNECTIONS_MAX = 256;

/** ms of one question of health, which gives up after 3 s and does not want an answer later. */
export const PING_MS_MAX = 2500;

/** @param idleMsMax ms without a byte after which an answer that is being read is given up */
export function createS3Client(settings: AwsSettings, idleMsMax = settings.requestTimeoutMs): S3Client {
  const client = new S3Client({
    ...common(settings, idleMsMax),
    ...endpointOf(settings.s3EndpointUrl),
    forcePathStyle: settings.s3EndpointUrl !== undefined,
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT);
  client.middlewareStack.add(callMiddleware, CALL);
  return client;
}

export function createDynamoClient(settings: AwsSettings): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...common(settings, settings.requestTimeoutMs),
    ...endpointOf(settings.dynamodbEndpointUrl),
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT);
  client.middlewareStack.add(callMiddleware, CALL);
  // Its own does nothing, since the client beneath it might be somebody else's.
  return Object.assign(DynamoDBDocumentClient.from(client), {
    destroy: () => {
      client.destroy();
    },
  });
}

/** @param idleMsMax ms without a byte after which a call is given up; more than a long poll takes */
export function createSqsClient(settings: AwsSettings, idleMsMax = settings.requestTimeoutMs): SQSClient {
  const client = new SQSClient({
    ...common(settings, idleMsMax),
    ...endpointOf(settings.sqsEndpointUrl),
    // The address in a queue's URL is its server's idea of itself, which need not be the way there.
    useQueueUrlAsEndpoint: false,
  });
  client.middlewareStack.add(attemptMiddleware, ATTEMPT);
  client.middlewareStack.add(callMiddleware, CALL);
  return client;
}

const endpointOf = (endpoint: string | undefined): { endpoint?: string } =>
  endpoint === undefined ? {} : { endpoint };

function common(settings: AwsSettings, idleMsMax: number) {
  const agent = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
  return {
    region: settings.region,
    // A function would count for nothing here: the strategy takes numbers alone, and otherwise three.
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
