/** Every setting of both applications, with its default and its range, checked once at start. */
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
/** Of each user of the machine another one. */
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

export class Environment {
  @TextSetting('127.0.0.1') @IsString() readonly SERVER_HOST!: string;
  /** 0 takes any free port. */
  @IntegerSetting(8000) @IsInt() @Min(0) @Max(65535) readonly SERVER_PORT!: number;
  @TextSetting('development') @IsIn(ENVIRONMENTS) readonly ENVIRONMENT!: (typeof ENVIRONMENTS)[number];
  @BooleanSetting(false) @IsBoolean() readonly DEBUG!: boolean;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly PUBLIC_URL?: string;
  /** Comma-separated origins, or `*`. Empty: those of loopback in development, none elsewhere. */
  @TextSetting() @IsOptional() @IsString() readonly CORS_ORIGINS?: string;
  /** Comma-separated addresses and CIDRs whose X-Forwarded-For counts. Empty: nobody's. */
  @TextSetting() @IsOptional() @IsProxyList() readonly TRUSTED_PROXIES?: string;
  /** ms that running executions get to end by themselves at SIGTERM. */
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
  /** Amazon SQS Developer Guide, "Queue and message identifiers"; a queue of the standard kind. */
  @TextSetting('service-server-executions') @Matches(/^[\w-]{1,80}$/) readonly AWS_SQS_QUEUE!: string;
  /** Of an emulator or another store with these APIs; empty: AWS. The ones of a service win. */
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_S3?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_DYNAMODB?: string;
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly AWS_ENDPOINT_URL_SQS?: string;
  /** Makes bucket, table and queue when they are missing; for development alone. */
  @BooleanSetting(false) @IsBoolean() readonly AWS_BOOTSTRAP!: boolean;
  /** ms to connect, and for one attempt from the request to the head of its answer. */
  @IntegerSetting(1000) @IsInt() @Min(1) @Max(MINUTE_MS) readonly AWS_CONNECT_TIMEOUT!: number;
  @IntegerSetting(3000) @IsInt() @Min(1) @Max(10 * MINUTE_MS) readonly AWS_REQUEST_TIMEOUT!: number;
  /** Attempts at one call, the first among them. */
  @IntegerSetting(4) @IsInt() @Min(1) @Max(20) readonly AWS_MAX_ATTEMPTS!: number;
  /** Partitions of the index behind the list of jobs: 1,000 writes a second each (docs/scaling.md). */
  @IntegerSetting(8) @IsInt() @Min(1) @Max(256) readonly JOB_LIST_SHARDS!: number;
  /** Days after its upload that DynamoDB deletes a job. */
  @IntegerSetting(30) @IsInt() @Min(1) @Max(36_500) readonly JOB_RETENTION_DAYS!: number;

  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly EXECUTION_ENGINE_URL?: string;
  /** ms, the longest wait for the engine: its waiting line, compilation and run together. */
  @IntegerSetting(30_000) @IsInt() @Min(1) @Max(DAY_MS) readonly EXECUTION_ENGINE_TIMEOUT!: number;
  /** ms, the largest `timeout` that a client may ask for. */
  @IntegerSetting() @IsOptional() @IsInt() @Min(1) @Max(DAY_MS) readonly EXECUTION_TIMEOUT_MAX?: number;

  /** `api` takes nothing from the queue; `worker` does, and is asked by gateways alone; `all` is both. */
  @TextSetting('all') @IsIn(ROLES) readonly ROLE!: (typeof ROLES)[number];
  /** Executions of the queue at a time. */
  @IntegerSetting(availableParallelism()) @IsInt() @Min(1) @Max(1024) readonly WORKER_CONCURRENCY!: number;
  /** How often a queued job is begun, when the process that runs it dies or the engine fails, before it is FAILED. */
  @IntegerSetting(3) @IsInt() @Min(1) @Max(100) readonly EXECUTION_ATTEMPTS_MAX!: number;
  /** ms after which an execution counts as abandoned when its process does not renew it, which it does three times as often. */
  @IntegerSetting(15_000) @IsInt() @Min(500) @Max(10 * MINUTE_MS) readonly EXECUTION_LEASE!: number;
  /** Where other gateways reach this one: from the address listened on, without it. */
  @TextSetting() @IsOptional() @IsUrl(BASE_URL) readonly PEER_URL?: string;
  /** ms between comments on a stream of events that has nothing to say. */
  @IntegerSetting(15_000) @IsInt() @Min(100) @Max(10 * MINUTE_MS) readonly EVENTS_HEARTBEAT!: number;
  /** ms that a client may leave events unread before its stream is closed. */
  @IntegerSetting(30_000) @IsInt() @Min(100) @Max(10 * MINUTE_MS) readonly EVENTS_STALL_MAX!: number;
  /** `whsec_` and 24 to 64 bytes in Base64, with which callbacks are signed. Empty: `callback_url` is refused. */
  @TextSetting() @IsOptional() @IsWebhookSecret() readonly CALLBACK_SECRET?: string;
  /** Whether callbacks may go to loopback, private and link-local addresses. */
  @BooleanSetting(false) @IsBoolean() readonly CALLBACK_PRIVATE_ADDRESSES!: boolean;

  @TextSetting('info') @IsIn(LOG_LEVELS) readonly LOG_LEVEL!: (typeof LOG_LEVELS)[number];
  @TextSetting() @IsOptional() @IsString() readonly LOG_FILE?: string;

  @TextSetting('127.0.0.1') @IsString() readonly ENGINE_HOST!: string;
  @IntegerSetting(9000) @IsInt() @Min(0) @Max(65535) readonly ENGINE_PORT!: number;
  /** `auto` may fall back to `process` in development on loopback; `bubblewrap` never does. */
  @TextSetting('auto') @IsIn(['auto', 'bubblewrap']) readonly ENGINE_SANDBOX!: 'auto' | 'bubblewrap';
  /** `auto` takes control groups where they can be made; `rusage` leaves them alone. */
  @TextSetting('auto') @IsIn(['auto', 'rusage']) readonly ENGINE_ACCOUNTING!: 'auto' | 'rusage';
  /** Executions at a time. */
  @IntegerSetting(availableParallelism()) @IsInt() @Min(1) @Max(1024) readonly ENGINE_SLOTS!: number;
  /** Executions that may wait for a slot; further ones are refused as busy. */
  @IntegerSetting(64) @IsInt() @Min(0) @Max(100_000) readonly ENGINE_QUEUE_MAX!: number;
  @IntegerSetting(256) @IsInt() @Min(16) @Max(MIB) readonly ENGINE_MEMORY_MB!: number;
  @IntegerSetting(1024) @IsInt() @Min(64) @Max(MIB) readonly ENGINE_COMPILE_MEMORY_MB!: number;
  /** ms of wall time for one compilation. */
  @IntegerSetting(15_000) @IsInt() @Min(1) @Max(DAY_MS) readonly ENGINE_COMPILE_TIMEOUT!: number;
  /** Processes and threads of one run together. */
  @IntegerSetting(128) @IsInt() @Min(8) @Max(32_768) readonly ENGINE_PROCESSES_MAX!: number;
  /** Bytes of stdout and stderr together that are kept; a program that writes more is stopped. */
  @IntegerSetting(10 * MIB) @IsInt() @Min(1024) @Max(1024 * MIB) readonly ENGINE_OUTPUT_MAX_BYTES!: number;
  /** MiB, the size of each writable directory of a run and of the largest file. */
  @IntegerSetting(64) @IsInt() @Min(1) @Max(MIB) readonly ENGINE_DISK_MB!: number;
  /** Open files of each process of a run. */
  @IntegerSetting(1024) @IsInt() @Min(16) @Max(MIB) readonly ENGINE_OPEN_FILES_MAX!: number;
  /** MiB of the largest file; the size of a directory without it. */
  @IntegerSetting() @IsOptional() @IsInt() @Min(1) @Max(MIB) readonly ENGINE_FILE_MB?: number;
  /** MiB of memory that sandboxes may use that stand ready before there is a program for them; 0: none stand ready. */
  @IntegerSetting(256) @IsInt() @Min(0) @Max(MIB) readonly ENGINE_WARM_MEMORY_MB!: number;
  /** MiB of compiled programs that are kept for the next execution of the same code; 0: none are kept. */
  @IntegerSetting(256) @IsInt() @Min(0) @Max(MIB) readonly ENGINE_COMPILE_CACHE_MB!: number;
  @TextSetting(WORK_DIR) @IsString() readonly ENGINE_WORK_DIR!: string;
  /** Where compilers and interpreters are looked for, in the form of PATH. Empty: PATH and the usual places. */
  @TextSetting() @IsOptional() @IsString() readonly ENGINE_PATH?: string;
  @TextSetting() @IsOptional() @IsString() readonly PATH?: string;
}

/** The configuration is at fault; `faults` has one sentence for each variable. */
export class EnvironmentError extends Error {
  constructor(readonly errors: readonly string[]) {
    super(`Invalid configuration:\n${errors.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/**
 * Reads the known settings from `source` and ignores all others.
 * @param check finds further faults, such as those of the machine
 * @throws EnvironmentError that lists every fault at once
 */
export function readEnvironment(
  source: Record<string, unknown>,
  check: (environment: Environment) => string[] = () => [],
): Environment {
  const environment = plainToInstance(Environment, source, { excludeExtraneousValues: true });
  const faults = validateSync(environment).map(
    (error) => `${error.property}: ${Object.values(error.constraints ?? {}).join('; ')}`,
  );
  if ((environment.EXECUTION_TIMEOUT_MAX ?? 0) > environment.EXECUTION_ENGINE_TIMEOUT) {
    faults.push('EXECUTION_TIMEOUT_MAX: must not be greater than EXECUTION_ENGINE_TIMEOUT');
  }
  if ((environment.ENGINE_FILE_MB ?? 0) > environment.ENGINE_DISK_MB) {
    faults.push('ENGINE_FILE_MB: must not be greater than ENGINE_DISK_MB');
  }
  if (environment.ROLE !== 'all' && environment.STORAGE_BACKEND === 'embedded') {
    faults.push('ROLE: must be all with STORAGE_BACKEND=embedded, whose data one process alone can use');
  }
  if (environment.AWS_BOOTSTRAP && !['development', 'test'].includes(environment.ENVIRONMENT)) {
    faults.push(
      `AWS_BOOTSTRAP: must not be true in ${environment.ENVIRONMENT}; use deploy/cloudformation.yaml`,
    );
  }
  faults.push(...check(environment));
  if (faults.length > 0) throw new EnvironmentError(faults);
  return environment;
}
