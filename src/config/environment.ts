import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainToInstance } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';
import { BooleanSetting, IntegerSetting, TextSetting } from './parse';
import { IsProxyList } from './proxies';
import { IsWebhookSecret } from './webhook-secret';

const MIB = 1024 * 1024;
/** Each user of the machine has a directory of their own. */
const WORK_DIR = join(tmpdir(), `service-server-engine-${(process.getuid?.() ?? 0).toString()}`);
const MINUTE_MS = 60 * 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const BASE_URL = {
  require_tld: false,
  allow_underscores: true,
  require_protocol: true,
  protocols: ['http', 'https'],
};
const ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const;
const ROLES = ['all', 'api', 'worker'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every setting of both applications with its default and range. docs/configuration.md describes them. */
export class Environment {
  @TextSetting('127.0.0.1') @IsString() readonly SERVER_HOST!: string;
  /** 0: any free port. */
  @IntegerSetting(8000) @IsInt() @Min(0) @Max(65535) readonly SERVER_PORT!: number;
  @TextSetting('development') @IsIn(ENVIRONMENTS) readonly ENVIRONMENT!: (typeof ENVIRONMENTS)[number];
  @BooleanSetting(false) @IsBoolean() readonly DEBUG!: boolean;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly PUBLIC_URL?: string;
  /** Comma-separated origins, or `*`. Empty: loopback origins in development, otherwise none. */
  @TextSetting() @IsOptional() @IsString() readonly CORS_ORIGINS?: string;
  /** Comma-separated addresses and CIDRs whose X-Forwarded-For is trusted. Empty: none. */
  @TextSetting() @IsOptional() @IsProxyList() readonly TRUSTED_PROXIES?: string;
  /** Milliseconds for running executions to finish after SIGTERM or SIGINT. */
  @IntegerSetting(10_000) @IsInt() @Min(0) @Max(DAY_MS) readonly SHUTDOWN_GRACE!: number;
  @IntegerSetting(MIB) @IsInt() @Min(1) @Max(64 * MIB) readonly CODE_MAX_BYTES!: number;
  @IntegerSetting(MIB) @IsInt() @Min(0) @Max(64 * MIB) readonly INPUT_MAX_BYTES!: number;

  @TextSetting('embedded') @IsIn(['embedded', 'aws']) readonly STORAGE_BACKEND!: 'embedded' | 'aws';
  @TextSetting('./data') @IsString() readonly DATA_DIR!: string;

  @TextSetting('ap-northeast-2') @Matches(/^[a-z]{2}(-[a-z]+)+-\d+$/) readonly AWS_REGION!: string;
  /** Amazon S3 User Guide, "General purpose bucket naming rules". */
  @TextSetting('service-server-code')
  @Matches(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
  readonly AWS_S3_BUCKET!: string;
  /** Amazon DynamoDB Developer Guide, "Naming rules". */
  @TextSetting('service-server-jobs') @Matches(/^[\w.-]{3,255}$/) readonly AWS_DYNAMODB_TABLE!: string;
  /** Amazon SQS Developer Guide, "Queue and message identifiers"; a standard queue. */
  @TextSetting('service-server-executions') @Matches(/^[\w-]{1,80}$/) readonly AWS_SQS_QUEUE!: string;
  /** The URL of an emulator or a compatible service. Empty: AWS. The variables of a single service take precedence. */
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_S3?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_DYNAMODB?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_SQS?: string;
  /** Creates a missing bucket, table and queue. Only for development. */
  @BooleanSetting(false) @IsBoolean() readonly AWS_BOOTSTRAP!: boolean;
  /** Milliseconds to establish a connection to AWS. */
  @IntegerSetting(1000) @IsInt() @Min(1) @Max(MINUTE_MS) readonly AWS_CONNECT_TIMEOUT!: number;
  /** Milliseconds for one attempt of an AWS call, from the request to the head of its response. */
  @IntegerSetting(3000) @IsInt() @Min(1) @Max(10 * MINUTE_MS) readonly AWS_REQUEST_TIMEOUT!: number;
  /** Attempts of one AWS call, including the first. */
  @IntegerSetting(4) @IsInt() @Min(1) @Max(20) readonly AWS_MAX_ATTEMPTS!: number;
  /** Partitions of the index that lists jobs. Each takes 1,000 writes per second (docs/scaling.md). */
  @IntegerSetting(8) @IsInt() @Min(1) @Max(256) readonly JOB_LIST_SHARDS!: number;
  /** Days after its upload after which DynamoDB deletes a job. */
  @IntegerSetting(30) @IsInt() @Min(1) @Max(36_500) readonly JOB_RETENTION_DAYS!: number;

  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly EXECUTION_ENGINE_URL?: string;
  /** Milliseconds to wait for the engine at most: queue, compilation and run together. */
  @IntegerSetting(30_000) @IsInt() @Min(1) @Max(DAY_MS) readonly EXECUTION_ENGINE_TIMEOUT!: number;
  /** Milliseconds, the largest `timeout` of a request. Default: 20,000, but at most EXECUTION_ENGINE_TIMEOUT. */
  @IntegerSetting() @IsOptional() @IsInt() @Min(1) @Max(DAY_MS) readonly EXECUTION_TIMEOUT_MAX?: number;

  /** `api`: serves the API and only enqueues. `worker`: runs queued executions and serves only other gateways. `all`: both. */
  @TextSetting('all') @IsIn(ROLES) readonly ROLE!: (typeof ROLES)[number];
  /** Queued executions that a worker runs at the same time. */
  @IntegerSetting(availableParallelism()) @IsInt() @Min(1) @Max(1024) readonly WORKER_CONCURRENCY!: number;
  /** Attempts of a queued execution, when its process dies or the engine fails, before the job is FAILED. */
  @IntegerSetting(3) @IsInt() @Min(1) @Max(100) readonly EXECUTION_ATTEMPTS_MAX!: number;
  /** Milliseconds after which an execution whose lease was not renewed counts as abandoned. Leases are renewed three times as often. */
  @IntegerSetting(15_000) @IsInt() @Min(500) @Max(10 * MINUTE_MS) readonly EXECUTION_LEASE!: number;
  /** The URL at which other gateways reach this one. Default: derived from the listen address. */
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly PEER_URL?: string;
  /** Milliseconds between comments on an event stream without events. */
  @IntegerSetting(15_000) @IsInt() @Min(100) @Max(10 * MINUTE_MS) readonly EVENTS_HEARTBEAT!: number;
  /** Milliseconds for which a client may leave events unread before the server closes its stream. */
  @IntegerSetting(30_000) @IsInt() @Min(100) @Max(10 * MINUTE_MS) readonly EVENTS_STALL_MAX!: number;
  /** `whsec_` and 24 to 64 bytes in Base64: the key that signs webhooks. Empty: requests with `callback_url` are rejected. */
  @TextSetting() @IsOptional() @IsWebhookSecret() readonly CALLBACK_SECRET?: string;
  /** Whether webhooks may be sent to loopback, private and link-local addresses. */
  @BooleanSetting(false) @IsBoolean() readonly CALLBACK_PRIVATE_ADDRESSES!: boolean;

  @TextSetting('info') @IsIn(LOG_LEVELS) readonly LOG_LEVEL!: (typeof LOG_LEVELS)[number];
  @TextSetting() @IsOptional() @IsString() readonly LOG_FILE?: string;

  @TextSetting('127.0.0.1') @IsString() readonly ENGINE_HOST!: string;
  @IntegerSetting(9000) @IsInt() @Min(0) @Max(65535) readonly ENGINE_PORT!: number;
  /** `auto` falls back to `process`, without isolation, in development on loopback. `bubblewrap` never does. */
  @TextSetting('auto') @IsIn(['auto', 'bubblewrap']) readonly ENGINE_SANDBOX!: 'auto' | 'bubblewrap';
  /** `auto` uses control groups where it can create them. `rusage` never uses them. */
  @TextSetting('auto') @IsIn(['auto', 'rusage']) readonly ENGINE_ACCOUNTING!: 'auto' | 'rusage';
  /** Programs that the engine runs at the same time. */
  @IntegerSetting(availableParallelism()) @IsInt() @Min(1) @Max(1024) readonly ENGINE_SLOTS!: number;
  /** Executions that may wait for a slot. Further ones are rejected as `engine-busy`. */
  @IntegerSetting(64) @IsInt() @Min(0) @Max(100_000) readonly ENGINE_QUEUE_MAX!: number;
  @IntegerSetting(256) @IsInt() @Min(16) @Max(MIB) readonly ENGINE_MEMORY_MB!: number;
  @IntegerSetting(1024) @IsInt() @Min(64) @Max(MIB) readonly ENGINE_COMPILE_MEMORY_MB!: number;
  /** Milliseconds of wall time for one compilation. */
  @IntegerSetting(15_000) @IsInt() @Min(1) @Max(DAY_MS) readonly ENGINE_COMPILE_TIMEOUT!: number;
  /** Processes and threads of one run together. */
  @IntegerSetting(128) @IsInt() @Min(8) @Max(32_768) readonly ENGINE_PROCESSES_MAX!: number;
  /** Bytes of stdout and stderr together. A program that writes more is stopped. */
  @IntegerSetting(10 * MIB) @IsInt() @Min(1024) @Max(1024 * MIB) readonly ENGINE_OUTPUT_MAX_BYTES!: number;
  /** MiB of all writable directories of a run together. */
  @IntegerSetting(64) @IsInt() @Min(1) @Max(MIB) readonly ENGINE_DISK_MB!: number;
  /** Open files of each process of a run. */
  @IntegerSetting(1024) @IsInt() @Min(16) @Max(MIB) readonly ENGINE_OPEN_FILES_MAX!: number;
  /** MiB of the largest file of a run. Default: ENGINE_DISK_MB. */
  @IntegerSetting() @IsOptional() @IsInt() @Min(1) @Max(MIB) readonly ENGINE_FILE_MB?: number;
  /** MiB of memory that prepared sandboxes may use together. 0: no sandbox is prepared. */
  @IntegerSetting(256) @IsInt() @Min(0) @Max(MIB) readonly ENGINE_WARM_MEMORY_MB!: number;
  /** MiB of compiled programs that the engine caches for further executions of the same code. 0: no cache. */
  @IntegerSetting(256) @IsInt() @Min(0) @Max(MIB) readonly ENGINE_COMPILE_CACHE_MB!: number;
  @TextSetting(WORK_DIR) @IsString() readonly ENGINE_WORK_DIR!: string;
  /** Directories of compilers and interpreters, in the form of PATH. Empty: PATH and the usual directories. */
  @TextSetting() @IsOptional() @IsString() readonly ENGINE_PATH?: string;
  @TextSetting() @IsOptional() @IsString() readonly PATH?: string;
}

/** The configuration is invalid. `errors` has one sentence for each variable. */
export class EnvironmentError extends Error {
  constructor(readonly errors: readonly string[]) {
    super(`Invalid configuration:\n${errors.map((error) => `  ${error}`).join('\n')}`);
  }
}

/**
 * Reads the known settings from `source` and ignores all other variables.
 * @param check finds further errors, for example a path that cannot be written
 * @throws EnvironmentError that lists every error
 */
export function readEnvironment(
  source: Record<string, unknown>,
  check: (environment: Environment) => string[] = () => [],
): Environment {
  const environment = plainToInstance(Environment, source, { excludeExtraneousValues: true });
  const errors = validateSync(environment).map(
    (error) => `${error.property}: ${Object.values(error.constraints ?? {}).join('; ')}`,
  );
  if ((environment.EXECUTION_TIMEOUT_MAX ?? 0) > environment.EXECUTION_ENGINE_TIMEOUT) {
    errors.push('EXECUTION_TIMEOUT_MAX: must not be greater than EXECUTION_ENGINE_TIMEOUT');
  }
  if ((environment.ENGINE_FILE_MB ?? 0) > environment.ENGINE_DISK_MB) {
    errors.push('ENGINE_FILE_MB: must not be greater than ENGINE_DISK_MB');
  }
  if (environment.ROLE !== 'all' && environment.STORAGE_BACKEND === 'embedded') {
    errors.push(
      'ROLE: must be all with STORAGE_BACKEND=embedded, because only one process can use the embedded storage',
    );
  }
  if (environment.AWS_BOOTSTRAP && !['development', 'test'].includes(environment.ENVIRONMENT)) {
    errors.push(
      `AWS_BOOTSTRAP: must not be true in ${environment.ENVIRONMENT}; use deploy/cloudformation.yaml`,
    );
  }
  errors.push(...check(environment));
  if (errors.length > 0) throw new EnvironmentError(errors);
  return environment;
}
