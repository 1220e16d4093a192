import { randomUUID } from 'node:crypto';
import { Api } from '../support/api';
import { type Overrides, listenGateway } from '../support/applications';
import { awsSettings } from '../support/aws';
import { type FaultSelector, FaultProxy } from './fault-proxy';

/** A gateway that reaches S3, DynamoDB and SQS through fault proxies. */
export interface FaultyGateway {
  readonly api: Api;
  /** Name of bucket, table and queue. */
  readonly name: string;
  /** Selects the calls that fail from now on, of all services. */
  fail(selectFault: FaultSelector): void;
  /** Ends all faults. Resolves when every delayed request has arrived. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** ms: all attempts at a call together end before LATE_MS. */
const SHORT_TIMEOUTS = { AWS_CONNECT_TIMEOUT: '500', AWS_REQUEST_TIMEOUT: '500', AWS_MAX_ATTEMPTS: '2' };

const ENDPOINTS = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SQS'];

export async function startFaultyGateway(overrides: Overrides = {}): Promise<FaultyGateway> {
  const name = `test-${randomUUID()}`;
  const settings = awsSettings(name);
  const urls = ENDPOINTS.map((endpoint) => settings[endpoint] ?? '');
  const proxies = await Promise.all(urls.map((url) => FaultProxy.start(url)));
  const endpoints: Overrides = Object.fromEntries(
    proxies.map(({ url }, index) => [ENDPOINTS[index] ?? '', url]),
  );
  const gateway = await listenGateway({
    ...settings,
    ...endpoints,
    ...SHORT_TIMEOUTS,
    ...overrides,
  });
  const fail = (selectFault: FaultSelector): void => {
    for (const proxy of proxies) proxy.selectFault = selectFault;
  };
  return {
    api: new Api(gateway.url),
    name,
    fail,
    heal: async () => {
      fail(() => undefined);
      await Promise.all(proxies.map((proxy) => proxy.lateRequestsArrived()));
    },
    close: async () => {
      await gateway.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
