import { randomUUID } from 'node:crypto';
import { FaultProxy } from '../../aws/fault-proxy';
import { EngineMeter } from './engine-meter';
import type { Api } from '../../support/api';
import { awsSettings } from '../../support/aws';
import { createTemporaryDirectory } from '../../support/temporary-directory';
import { ServiceProcess } from './service-process';

export type Settings = Readonly<Record<string, string>>;

/** ms: short enough for a test to await its expiry, long enough for late renewals on a busy machine. */
const LEASE_MS = 3000;

const COMMON: Settings = {
  ENVIRONMENT: 'test',
  LOG_LEVEL: 'info',
  EXECUTION_LEASE: LEASE_MS.toString(),
  SHUTDOWN_GRACE: '0',
  // All gateways return the same links, as behind a load balancer.
  PUBLIC_URL: 'http://service.test',
};

/** The AWS servers that jest.faults.config.js starts accept any. */
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

/** The processes of a service with a storage of its own. */
export interface Service {
  readonly backend: 'embedded' | 'aws';
  /** Clients use any of them. */
  readonly gateways: readonly ServiceProcess[];
  readonly workers: readonly ServiceProcess[];
  /** Undefined if it is embedded in the gateway. */
  readonly engine: ServiceProcess | undefined;
  /** Proxy between the processes and the engine; undefined if the engine is embedded. */
  readonly meter: EngineMeter | undefined;
  /** Proxies between the processes and AWS; undefined with the embedded storage. */
  readonly proxies: Readonly<Record<Part, FaultProxy>> | undefined;
  /** Name of bucket, table and queue. */
  readonly name: string;
  addWorker(settings?: Settings): Promise<ServiceProcess>;
  /** Kills all processes. */
  close(): Promise<void>;
}

export const processesOf = ({ gateways, workers, engine }: Service): ServiceProcess[] => [
  ...gateways,
  ...workers,
  ...(engine ? [engine] : []),
];

/**
 * Starts one gateway on the embedded storage.
 * @param options.hasEngineProcess whether the engine runs in a process of its own
 */
export async function startEmbeddedService(
  { hasEngineProcess }: { readonly hasEngineProcess: boolean },
  settings: Settings = {},
): Promise<Service> {
  const common = { ...COMMON, DATA_DIR: createTemporaryDirectory(), ...settings };
  const engine = hasEngineProcess
    ? await ServiceProcess.start('engine', { ...COMMON, ...settings })
    : undefined;
  const meter = engine && (await EngineMeter.start(engine.url));
  const gateway = await ServiceProcess.start('gateway', {
    ...common,
    ...(meter && { EXECUTION_ENGINE_URL: meter.url }),
  });
  const service: Service = {
    backend: 'embedded',
    gateways: [gateway],
    workers: [],
    engine,
    meter,
    proxies: undefined,
    name: '',
    addWorker: () => Promise.reject(new Error('The embedded storage supports one process only')),
    close: async () => {
      await killAll(service);
      await meter?.close();
    },
  };
  return service;
}

export interface ProcessCounts {
  readonly gateways: number;
  readonly workers: number;
}

/** Starts gateways and separate workers on AWS, with one engine. */
export async function startAwsService(counts: ProcessCounts, settings: Settings = {}): Promise<Service> {
  const name = `test-${randomUUID()}`;
  const own = awsSettings(name);
  const proxyTo = (part: Part): Promise<FaultProxy> => FaultProxy.start(own[ENDPOINTS[part]] ?? '');
  const [S3, DynamoDB, SQS] = await Promise.all([proxyTo('S3'), proxyTo('DynamoDB'), proxyTo('SQS')]);
  const proxies = { S3, DynamoDB, SQS };
  const engine = await ServiceProcess.start('engine', { ...COMMON, ...settings });
  const meter = await EngineMeter.start(engine.url);
  const common = {
    ...COMMON,
    ...own,
    ...CREDENTIALS,
    [ENDPOINTS.S3]: S3.url,
    [ENDPOINTS.DynamoDB]: DynamoDB.url,
    [ENDPOINTS.SQS]: SQS.url,
    EXECUTION_ENGINE_URL: meter.url,
    DATA_DIR: createTemporaryDirectory(),
    ...settings,
  };
  const start = (kind: 'gateway' | 'worker', more: Settings = {}): Promise<ServiceProcess> =>
    ServiceProcess.start(kind, { ...common, ROLE: kind === 'gateway' ? 'api' : 'worker', ...more });
  const startMany = (kind: 'gateway' | 'worker', count: number): Promise<ServiceProcess[]> =>
    Promise.all(Array.from({ length: count }, () => start(kind)));
  // The first gateway creates bucket, table and queue.
  const first = await start('gateway');
  const gateways = [first, ...(await startMany('gateway', counts.gateways - 1))];
  const workers = await startMany('worker', counts.workers);
  const service: Service = {
    backend: 'aws',
    gateways,
    workers,
    engine,
    meter,
    proxies,
    name,
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
    processesOf(service).map(async (process) => {
      process.signal('SIGCONT');
      await process.stop('SIGKILL');
    }),
  );
}

export const apiOf = (service: Service, index = 0): Api => {
  const gateway = service.gateways[index];
  if (!gateway) throw new Error(`There is no gateway ${index.toString()}`);
  return gateway.api;
};
