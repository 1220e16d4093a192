import { join, resolve } from 'node:path';
import type { Environment } from './environment';
import { LOOPBACK_ORIGIN, isLoopback } from './loopback';
import { parseProxyList } from './proxies';
import { decodeWebhookSecret } from './webhook-secret';

/** Milliseconds. Leaves time for the queue and the compilation within the default of EXECUTION_ENGINE_TIMEOUT. */
const TIMEOUT_MS_MAX_DEFAULT = 20_000;
const timeoutMsMaxFrom = ({ EXECUTION_TIMEOUT_MAX, EXECUTION_ENGINE_TIMEOUT }: Environment): number =>
  EXECUTION_TIMEOUT_MAX ?? Math.min(TIMEOUT_MS_MAX_DEFAULT, EXECUTION_ENGINE_TIMEOUT);

export class ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly environment: Environment['ENVIRONMENT'];
  /** The base of links in responses, without a trailing slash. Undefined: derived from the listen address. */
  readonly publicUrl: string | undefined;
  readonly corsOrigins: readonly (string | RegExp)[] | '*';
  /** Addresses and CIDRs whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly string[];
  readonly shutdownGraceMs: number;

  constructor(environment: Environment) {
    this.host = environment.SERVER_HOST;
    this.port = environment.SERVER_PORT;
    this.environment = environment.ENVIRONMENT;
    this.publicUrl = environment.PUBLIC_URL?.replace(/\/+$/, '');
    this.corsOrigins = parseCorsOrigins(environment);
    this.trustedProxies = parseProxyList(environment.TRUSTED_PROXIES);
    this.shutdownGraceMs = environment.SHUTDOWN_GRACE;
  }
}

/** The default is restrictive: any page that is open in a developer's browser could otherwise execute code. */
function parseCorsOrigins({ CORS_ORIGINS, ENVIRONMENT }: Environment): ServerSettings['corsOrigins'] {
  if (CORS_ORIGINS === undefined) return ENVIRONMENT === 'development' ? [LOOPBACK_ORIGIN] : [];
  const origins = CORS_ORIGINS.split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  return origins.includes('*') ? '*' : origins;
}

export class UploadSettings {
  readonly codeBytesMax: number;
  constructor(environment: Environment) {
    this.codeBytesMax = environment.CODE_MAX_BYTES;
  }
}

export class StorageSettings {
  readonly backend: Environment['STORAGE_BACKEND'];
  readonly dataDir: string;
  constructor(environment: Environment) {
    this.backend = environment.STORAGE_BACKEND;
    this.dataDir = resolve(environment.DATA_DIR);
  }
}

/** Settings of the `aws` backend. The SDK finds the credentials with its default provider chain. */
export class AwsSettings {
  readonly region: string;
  readonly bucket: string;
  readonly table: string;
  readonly queue: string;
  /** Undefined: AWS. */
  readonly s3EndpointUrl: string | undefined;
  readonly dynamodbEndpointUrl: string | undefined;
  readonly sqsEndpointUrl: string | undefined;
  readonly bootstrap: boolean;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly attemptsMax: number;
  readonly listShards: number;
  readonly retentionDays: number;
  constructor(environment: Environment) {
    this.region = environment.AWS_REGION;
    this.bucket = environment.AWS_S3_BUCKET;
    this.table = environment.AWS_DYNAMODB_TABLE;
    this.queue = environment.AWS_SQS_QUEUE;
    this.s3EndpointUrl = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    this.dynamodbEndpointUrl = environment.AWS_ENDPOINT_URL_DYNAMODB ?? environment.AWS_ENDPOINT_URL;
    this.sqsEndpointUrl = environment.AWS_ENDPOINT_URL_SQS ?? environment.AWS_ENDPOINT_URL;
    this.bootstrap = environment.AWS_BOOTSTRAP;
    this.connectTimeoutMs = environment.AWS_CONNECT_TIMEOUT;
    this.requestTimeoutMs = environment.AWS_REQUEST_TIMEOUT;
    this.attemptsMax = environment.AWS_MAX_ATTEMPTS;
    this.listShards = environment.JOB_LIST_SHARDS;
    this.retentionDays = environment.JOB_RETENTION_DAYS;
  }
}

export class ExecutionSettings {
  /** Undefined: the embedded engine. */
  readonly engineUrl: string | undefined;
  readonly engineTimeoutMs: number;
  readonly timeoutMsMax: number;
  readonly inputBytesMax: number;
  readonly shutdownGraceMs: number;
  constructor(environment: Environment) {
    this.engineUrl = environment.EXECUTION_ENGINE_URL?.replace(/\/+$/, '');
    this.engineTimeoutMs = environment.EXECUTION_ENGINE_TIMEOUT;
    this.timeoutMsMax = timeoutMsMaxFrom(environment);
    this.inputBytesMax = environment.INPUT_MAX_BYTES;
    this.shutdownGraceMs = environment.SHUTDOWN_GRACE;
  }
}

/** Settings of queued executions. */
export class QueueSettings {
  /** Whether this process runs queued executions. */
  readonly isWorker: boolean;
  readonly concurrency: number;
  readonly attemptsMax: number;
  /** Milliseconds. */
  readonly leaseMs: number;
  /** Undefined: derived from the listen address. */
  readonly peerUrl: string | undefined;
  constructor(environment: Environment) {
    this.isWorker = environment.ROLE !== 'api';
    this.concurrency = environment.WORKER_CONCURRENCY;
    this.attemptsMax = environment.EXECUTION_ATTEMPTS_MAX;
    this.leaseMs = environment.EXECUTION_LEASE;
    this.peerUrl = environment.PEER_URL?.replace(/\/+$/, '');
  }
}

export class EventsSettings {
  readonly heartbeatMs: number;
  readonly stallMsMax: number;
  constructor(environment: Environment) {
    this.heartbeatMs = environment.EVENTS_HEARTBEAT;
    this.stallMsMax = environment.EVENTS_STALL_MAX;
  }
}

export class WebhookSettings {
  /** The key that signs webhooks. Undefined: webhooks are disabled. */
  readonly key: Buffer | undefined;
  readonly mayCallPrivateAddresses: boolean;
  constructor(environment: Environment) {
    this.key =
      environment.CALLBACK_SECRET === undefined
        ? undefined
        : decodeWebhookSecret(environment.CALLBACK_SECRET);
    this.mayCallPrivateAddresses = environment.CALLBACK_PRIVATE_ADDRESSES;
  }
}

export class LogSettings {
  readonly level: Environment['LOG_LEVEL'];
  readonly file: string | undefined;
  readonly isDevelopment: boolean;
  constructor(environment: Environment) {
    this.level = environment.DEBUG ? 'debug' : environment.LOG_LEVEL;
    this.file = environment.LOG_FILE;
    this.isDevelopment = environment.ENVIRONMENT === 'development';
  }
}

export class EngineSettings {
  readonly host: string;
  readonly port: number;
  readonly accounting: Environment['ENGINE_ACCOUNTING'];
  readonly slots: number;
  readonly queueMax: number;
  readonly memoryMb: number;
  readonly compileMemoryMb: number;
  readonly compileTimeoutMs: number;
  /** The largest `timeout` of a request. */
  readonly timeoutMsMax: number;
  readonly processesMax: number;
  readonly outputBytesMax: number;
  readonly diskMb: number;
  readonly openFilesMax: number;
  readonly fileMb: number;
  readonly codeBytesMax: number;
  readonly inputBytesMax: number;
  /** MiB of all prepared sandboxes together. 0: no sandbox is prepared. */
  readonly warmMemoryMb: number;
  /** 0: compiled programs are not cached. */
  readonly compileCacheMb: number;
  readonly workDir: string;
  readonly searchPath: readonly string[];
  /** Whether programs may run without isolation: only in development, on a loopback address, with ENGINE_SANDBOX=auto. */
  readonly mayRunUnisolated: boolean;

  constructor(environment: Environment, listenAddress: string) {
    this.host = environment.ENGINE_HOST;
    this.port = environment.ENGINE_PORT;
    this.accounting = environment.ENGINE_ACCOUNTING;
    this.slots = environment.ENGINE_SLOTS;
    this.queueMax = environment.ENGINE_QUEUE_MAX;
    this.memoryMb = environment.ENGINE_MEMORY_MB;
    this.compileMemoryMb = environment.ENGINE_COMPILE_MEMORY_MB;
    this.compileTimeoutMs = environment.ENGINE_COMPILE_TIMEOUT;
    this.timeoutMsMax = timeoutMsMaxFrom(environment);
    this.processesMax = environment.ENGINE_PROCESSES_MAX;
    this.outputBytesMax = environment.ENGINE_OUTPUT_MAX_BYTES;
    this.diskMb = environment.ENGINE_DISK_MB;
    this.openFilesMax = environment.ENGINE_OPEN_FILES_MAX;
    this.fileMb = environment.ENGINE_FILE_MB ?? environment.ENGINE_DISK_MB;
    this.warmMemoryMb = environment.ENGINE_WARM_MEMORY_MB;
    this.compileCacheMb = environment.ENGINE_COMPILE_CACHE_MB;
    this.codeBytesMax = environment.CODE_MAX_BYTES;
    this.inputBytesMax = environment.INPUT_MAX_BYTES;
    this.workDir = resolve(environment.ENGINE_WORK_DIR);
    this.searchPath = environment.ENGINE_PATH?.split(':') ?? [
      ...new Set(
        [...(environment.PATH ?? '').split(':'), ...USUAL_PATH].filter((directory) => directory !== ''),
      ),
    ];
    this.mayRunUnisolated =
      environment.ENGINE_SANDBOX === 'auto' &&
      environment.ENVIRONMENT === 'development' &&
      isLoopback(listenAddress);
  }
}

const USUAL_PATH = ['/usr/local/go/bin', '/usr/local/bin', '/usr/bin', '/bin'];

/** The paths of the embedded storage. */
export const storagePaths = (dataDir: string): { database: string; objects: string } => ({
  database: join(dataDir, 'jobs.db'),
  objects: join(dataDir, 'objects'),
});
