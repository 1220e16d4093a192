import { ApiProperty, OmitType } from '@nestjs/swagger';
import { CompileBody } from '../../engine-contract/compile.body';
import { InputResultBody } from '../../engine-contract/input-result.body';
import { SANDBOX_STARTS, type SandboxStart, VERDICTS, type Verdict } from '../../engine-contract/report';
import { ResourceBody } from '../../engine-contract/resource.body';
import { toSnakeCase } from '../../engine-contract/snake-case';
import { JOB_STATUSES, type Job, type JobStatus, type Timings } from '../job';

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const TIME = '2026-01-31T12:00:00.000Z';

const VERDICT_MEANINGS = `How the last execution ended; null before it has ended.

- \`OK\` (SUCCESS): exit code 0
- \`NONZERO_EXIT\` (FAILED): the program ended with another exit code
- \`SIGNALLED\` (FAILED): a signal that the engine did not send ended the program
- \`COMPILE_ERROR\` (FAILED): the compiler rejected the code; \`compile\` has its output
- \`TIME_LIMIT\` (TIMEOUT): the program used up its wall or CPU time; its output so far is kept
- \`MEMORY_LIMIT\` (FAILED): the program reached its memory limit
- \`OUTPUT_LIMIT\` (FAILED): the program wrote more than the output limit
- \`CANCELLED\` (CANCELLED): a client cancelled the job, or closed the connection of a synchronous execution
- \`ENGINE_ERROR\` (FAILED): the service failed, not the program; it is safe to execute the job again`;

export class TimingsBody {
  @ApiProperty({ description: 'Time in the queue of the service and of the engine, in ms.', example: 0.2 })
  readonly queued_ms!: number;
  @ApiProperty({ description: 'Time to read the code from storage, in ms.', example: 0.6 })
  readonly fetch_ms!: number;
  @ApiProperty({
    description:
      'Time to compile, in ms; 0 if a cached executable was used, null for a language without a compiler.',
    type: Number,
    nullable: true,
    example: null,
  })
  readonly compile_ms!: number | null;
  @ApiProperty({
    description: 'Whether a cached executable was used, so that nothing was compiled.',
    example: false,
  })
  readonly compile_cached!: boolean;
  @ApiProperty({
    description:
      'The state of the sandbox when the program arrived: `warm` with its interpreter loaded, `prepared` but empty, or `cold` if none was ready.',
    enum: [...SANDBOX_STARTS, null],
    type: String,
    nullable: true,
    example: 'warm',
  })
  readonly sandbox!: SandboxStart | null;
  @ApiProperty({
    description: 'Run time of the program, in ms; null if it never ran.',
    type: Number,
    nullable: true,
    example: 12.4,
  })
  readonly run_ms!: number | null;
  @ApiProperty({ description: 'Time from the request to the result, in ms.', example: 14 })
  readonly total_ms!: number;

  static from(timings: Timings): TimingsBody {
    return toSnakeCase({
      ...timings,
      compileCached: timings.compileCached ?? false,
      sandbox: timings.sandbox ?? null,
    });
  }
}

export class JobResponse {
  @ApiProperty({ description: 'A UUIDv7, so ids sort by time.', format: 'uuid', example: ID })
  readonly job_id!: string;
  @ApiProperty({
    description: 'The status of the job. SUCCESS, FAILED, TIMEOUT and CANCELLED are final.',
    enum: JOB_STATUSES,
    example: 'SUCCESS',
  })
  readonly status!: JobStatus;
  @ApiProperty({
    description: VERDICT_MEANINGS,
    enum: [...VERDICTS, null],
    type: String,
    nullable: true,
    example: 'OK',
  })
  readonly verdict!: Verdict | null;
  @ApiProperty({
    description: 'The number of the last attempt; 0 before the first.',
    type: 'integer',
    example: 1,
  })
  readonly attempt!: number;
  @ApiProperty({
    description:
      'The position in the queue, 1 for the next execution; null if the job is not QUEUED, or if the queue does not know the position.',
    type: 'integer',
    nullable: true,
    example: null,
  })
  readonly queue_position!: number | null;
  @ApiProperty({ description: 'The id of the language.', example: 'python' })
  readonly language!: string;
  @ApiProperty({ description: 'The key under which the code is stored.', example: `uploads/${ID}.py` })
  readonly s3_key!: string;
  @ApiProperty({
    description: 'The project of the upload; null without one.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly project!: string | null;
  @ApiProperty({
    description: 'The name of the upload; null without one.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly function_name!: string | null;
  @ApiProperty({
    description: 'The note of the upload; null without one.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly description!: string | null;
  @ApiProperty({ description: 'The size of the code in bytes of UTF-8.', type: 'integer', example: 14 })
  readonly code_bytes!: number;
  @ApiProperty({
    description: 'The time limit of the last execution, in ms; null before the first.',
    type: 'integer',
    nullable: true,
    example: 5000,
  })
  readonly timeout_ms!: number | null;
  @ApiProperty({ description: 'When the code was uploaded.', format: 'date-time', example: TIME })
  readonly created_at!: string;
  @ApiProperty({ description: 'When the state last changed.', format: 'date-time', example: TIME })
  readonly updated_at!: string;
  @ApiProperty({
    description: 'When the last execution started; null before the first.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: TIME,
  })
  readonly started_at!: string | null;
  @ApiProperty({
    description: 'When the last execution ended, or when the job was cancelled before one; null before that.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: TIME,
  })
  readonly completed_at!: string | null;
  @ApiProperty({
    description: 'The exit code of the program; null before it ended, or if a signal ended it.',
    type: 'integer',
    nullable: true,
    example: 0,
  })
  readonly exit_code!: number | null;
  @ApiProperty({
    description: 'The signal that ended the program; null if none did.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly signal!: string | null;
  @ApiProperty({
    description: 'The first 64 KiB of standard output; null before an execution ended.',
    type: String,
    nullable: true,
    example: 'hello\n',
  })
  readonly stdout!: string | null;
  @ApiProperty({
    description: 'The first 64 KiB of standard error; null before an execution ended.',
    type: String,
    nullable: true,
    example: '',
  })
  readonly stderr!: string | null;
  @ApiProperty({
    description: 'The number of bytes that the program wrote to standard output.',
    type: 'integer',
    nullable: true,
    example: 6,
  })
  readonly stdout_bytes!: number | null;
  @ApiProperty({
    description: 'The number of bytes that the program wrote to standard error.',
    type: 'integer',
    nullable: true,
    example: 0,
  })
  readonly stderr_bytes!: number | null;
  @ApiProperty({
    description: 'Whether `stdout` is only the first part of the output. The logs have more.',
    example: false,
  })
  readonly stdout_truncated!: boolean;
  @ApiProperty({
    description: 'Whether `stderr` is only the first part of the output. The logs have more.',
    example: false,
  })
  readonly stderr_truncated!: boolean;
  @ApiProperty({
    description: 'The result of the compiler; null for a language without a compiler.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/CompileBody' }],
    example: null,
  })
  readonly compile!: CompileBody | null;
  @ApiProperty({
    description:
      'The result for each of the `inputs`, in their order; null for an execution with a single input. The other fields of the job are those of the first cancelled result, or else of the first that is not OK, or else of the first.',
    type: [InputResultBody],
    nullable: true,
    example: null,
  })
  readonly results!: readonly InputResultBody[] | null;
  @ApiProperty({
    description: 'The resource usage of the program; null if it never ran.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/ResourceBody' }],
  })
  readonly resource!: ResourceBody | null;
  @ApiProperty({
    description: 'How long the steps of the execution took; null before the first execution has ended.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/TimingsBody' }],
  })
  readonly timings!: TimingsBody | null;
  @ApiProperty({
    description: 'The URL of the complete output; null before there is any.',
    type: String,
    nullable: true,
    example: `http://localhost:8000/api/jobs/${ID}/logs`,
  })
  readonly logs_url!: string | null;
  @ApiProperty({
    description: 'Details on the result where the verdict is not enough; null otherwise.',
    type: String,
    nullable: true,
    example: null,
  })
  readonly error_message!: string | null;

  static from(job: Job, logsUrl: string, queuePosition: number | null): JobResponse {
    const { outcome } = job;
    return {
      job_id: job.jobId,
      status: job.status,
      verdict: job.verdict,
      attempt: job.attempt,
      queue_position: queuePosition,
      language: job.language,
      s3_key: job.s3Key,
      project: job.project,
      function_name: job.functionName,
      description: job.description,
      code_bytes: job.codeBytes,
      timeout_ms: job.timeoutMs,
      created_at: job.createdAt,
      updated_at: job.updatedAt,
      started_at: job.startedAt,
      completed_at: job.completedAt,
      exit_code: outcome?.exitCode ?? null,
      signal: outcome?.signal ?? null,
      stdout: outcome?.stdout ?? null,
      stderr: outcome?.stderr ?? null,
      stdout_bytes: outcome?.stdoutBytes ?? null,
      stderr_bytes: outcome?.stderrBytes ?? null,
      stdout_truncated: outcome?.stdoutTruncated ?? false,
      stderr_truncated: outcome?.stderrTruncated ?? false,
      compile: outcome?.compile ? CompileBody.from(outcome.compile) : null,
      results: outcome?.results?.map((result) => InputResultBody.fromResult(result)) ?? null,
      resource: outcome?.resource ? ResourceBody.from(outcome.resource) : null,
      timings: outcome ? TimingsBody.from(outcome.timings) : null,
      logs_url: job.logsAttempt === null ? null : logsUrl,
      error_message: job.errorMessage,
    };
  }
}

/** A job in a list, without the fields that may be large. */
export class JobSummary extends OmitType(JobResponse, [
  'queue_position',
  'stdout',
  'stderr',
  'compile',
  'results',
]) {
  static from(job: Job, logsUrl: string): JobSummary {
    const {
      queue_position: _position,
      stdout: _stdout,
      stderr: _stderr,
      compile: _compile,
      results: _results,
      ...summary
    } = JobResponse.from(job, logsUrl, null);
    return summary;
  }
}
