/** A gateway whose way to S3, DynamoDB and SQS goes through proxies that can fail. */
import { randomUUID } from 'node:crypto';
import { Api } from '../support/api';
import { type Overrides, listenGateway } from '../support/applications';
import { awsSettings } from '../support/aws';
import { type FaultSelector, FaultProxy } from './fault-proxy';

export interface FaultyGateway {
  readonly api: Api;
  /** Of bucket, table and queue. */
  readonly name: string;
  /** Which calls fail from now on, of all services. */
  fail(choose: FaultSelector): void;
  /** Nothing fails any more, and what was late has arrived. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** ms; LATE_MS is beyond what a call may take with all its attempts. */
const IMPATIENT = { AWS_CONNECT_TIMEOUT: '500', AWS_REQUEST_TIMEOUT: '500', AWS_MAX_ATTEMPTS: '2' };

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
    ...IMPATIENT,
    ...overrides,
  });
  const fail = (choose: FaultSelector): void => {
    for (const proxy of proxies) proxy.selectFault = choose;
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
