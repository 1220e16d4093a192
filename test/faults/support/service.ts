/** The service as several processes: gateways, workers and an engine, on a storage of their own. */
import { randomUUID } from 'node:crypto';
import { FaultProxy } from '../../aws/fault-proxy';
import { EngineMeter } from './engine-meter';
import type { Api } from '../../support/api';
import { awsSettings } from '../../support/aws';
import { createTemporaryDirectory } from '../../support/temporary-directory';
import { ServiceProcess } from './service-process';

export type Settings = Readonly<Record<string, string>>;

/** ms: short, so that a test sees it end; as long as many renewals that a busy machine is late with. */
export const LEASE_MS = 3000;

const COMMON: Settings = {
  ENVIRONMENT: 'test',
  LOG_LEVEL: 'info',
  EXECUTION_LEASE: LEASE_MS.toString(),
  SHUTDOWN_GRACE: '0',
  // As behind a balancer, so that all of them give the same links.
  PUBLIC_URL: 'http://service.test',
};

/** Of the servers that jest.faults.config.js starts. */
const CREDENTIALS: Settings = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

const ENDPOINTS = {
  S3: 'AWS_ENDPOINT_URL_S3',
  DynamoDB: 'AWS_ENDPOINT_URL_DYNAMODB',
  SQS: 'AWS_ENDPOINT_URL_SQS',
} as const;

export type Part = keyof typeof ENDPOINTS;

export interface Service {
  readonly backend: 'embedded' | 'aws';
  /** What clients ask, in turn. */
  readonly gateways: readonly ServiceProcess[];
  readonly workers: readonly ServiceProcess[];
  /** Undefined: it is embedded in the gateway. */
  readonly engine: ServiceProcess | undefined;
  /** Between the processes and their engine. */
  readonly meter: EngineMeter | undefined;
  /** Between the processes and their storage; of the embedded one there are none. */
  readonly proxies: Readonly<Record<Part, FaultProxy>> | undefined;
  /** Of bucket, table and queue. */
  readonly name: string;
  addWorker(settings?: Settings): Promise<ServiceProcess>;
  /** Kills them all. */
  close(): Promise<void>;
}

export const processesOf = ({ gateways, workers, engine }: Service): ServiceProcess[] => [
  ...gateways,
  ...workers,
  ...(engine ? [engine] : []),
];

/** One gateway. @param engine whether its engine is a process of its own */
export async function startEmbeddedService(
  { engine: hasEngine }: { readonly engine: boolean },
  settings: Settings = {},
): Promise<Service> {
  const common = { ...COMMON, DATA_DIR: createTemporaryDirectory(), ...settings };
  const engine = hasEngine ? await ServiceProcess.start('engine', { ...COMMON, ...settings }) : undefined;
  const meter = engine && (await EngineMeter.to(engine.url));
  const gateway = await ServiceProcess.start('gateway', {
    ...common,
    ...(meter && { EXECUTION_ENGINE_URL: meter.url }),
  });
  const service: Service = {
    ...{ backend: 'embedded', gateways: [gateway], workers: [], engine, meter, proxies: undefined, name: '' },
    addWorker: () => Promise.reject(new Error('One process alone can use an embedded storage')),
    close: async () => {
      await killAll(service);
      await meter?.close();
    },
  };
  return service;
}

export interface AwsShape {
  readonly gateways: number;
  readonly workers: number;
}

/** Gateways and workers of their own, on one engine. */
export async function startAwsService(shape: AwsShape, settings: Settings = {}): Promise<Service> {
  const name = `test-${randomUUID()}`;
  const own = awsSettings(name);
  const proxyTo = (part: Part): Promise<FaultProxy> => FaultProxy.start(own[ENDPOINTS[part]] ?? '');
  const [S3, DynamoDB, SQS] = await Promise.all([proxyTo('S3'), proxyTo('DynamoDB'), proxyTo('SQS')]);
  const proxies = { S3, DynamoDB, SQS };
  const engine = await ServiceProcess.start('engine', { ...COMMON, ...settings });
  const meter = await EngineMeter.to(engine.url);
  const common = {
    ...{ ...COMMON, ...own, ...CREDENTIALS },
    ...{ [ENDPOINTS.S3]: S3.url, [ENDPOINTS.DynamoDB]: DynamoDB.url, [ENDPOINTS.SQS]: SQS.url },
    ...{ EXECUTION_ENGINE_URL: meter.url, DATA_DIR: createTemporaryDirectory(), ...settings },
  };
  const start = (kind: 'gateway' | 'worker', more: Settings = {}): Promise<ServiceProcess> =>
    ServiceProcess.start(kind, { ...common, ROLE: kind === 'gateway' ? 'api' : 'worker', ...more });
  const many = (kind: 'gateway' | 'worker', count: number): Promise<ServiceProcess[]> =>
    Promise.all(Array.from({ length: count }, () => start(kind)));
  // The first one makes bucket, table and queue.
  const [first] = await many('gateway', 1);
  const gateways = [...(first ? [first] : []), ...(await many('gateway', shape.gateways - 1))];
  const workers = await many('worker', shape.workers);
  const service: Service = {
    ...{ backend: 'aws', gateways, workers, engine, meter, proxies, name },
    addWorker: async (more) => {
      const worker = await start('worker', more);
      workers.push(worker);
      return worker;
    },
    close: async () => {
      await killAll(service);
      await Promise.all([meter, ...Object.values(proxies)].map((proxy) => proxy.close()));
    },
  };
  return service;
}

async function killAll(service: Service): Promise<void> {
  await Promise.all(
    processesOf(service).map(async (member) => {
      member.signal('SIGCONT');
      await member.stop('SIGKILL');
    }),
  );
}

export const apiOf = (service: Service, index = 0): Api => {
  const gateway = service.gateways[index];
  if (!gateway) throw new Error(`There is no gateway ${index.toString()}`);
  return gateway.api;
};
