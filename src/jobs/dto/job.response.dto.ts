/** A job as clients see it. */
import { ApiProperty, OmitType } from '@nestjs/swagger';
import { CompileBody } from '../../engine-contract/compile.body';
import { InputResultBody } from '../../engine-contract/input-result.body';
import { SANDBOX_STARTS, type SandboxStart, VERDICTS, type Verdict } from '../../engine-contract/report';
import { ResourceBody } from '../../engine-contract/resource.body';
import { toSnakeCase } from '../../engine-contract/snake-case';
import { JOB_STATUSES, type Job, type JobStatus, type Timings } from '../job';

const ID = '01935d2e-7c1a-7000-8000-000000000000';
const TIME = '2026-01-31T12:00:00.000Z';

const VERDICT_MEANINGS = `How the last execution ended; null before it has.

- \`OK\` (SUCCESS): exit code 0
- \`NONZERO_EXIT\` (FAILED): the program ended with another exit code
- \`SIGNALLED\` (FAILED): a signal that the engine did not send ended it
- \`COMPILE_ERROR\` (FAILED): the compiler refused it; \`compile\` carries its output
- \`TIME_LIMIT\` (TIMEOUT): wall or CPU time used up; the output so far is kept
- \`MEMORY_LIMIT\` (FAILED): memory limit reached
- \`OUTPUT_LIMIT\` (FAILED): wrote more than the output limit
- \`CANCELLED\` (CANCELLED): cancelled by a client, or by its hanging up
- \`ENGINE_ERROR\` (FAILED): our fault, never the program's; safe to execute again`;

export class TimingsBody {
  @ApiProperty({ description: 'ms in the queue, and in the waiting line of the engine.', example: 0.2 })
  readonly queued_ms!: number;
  @ApiProperty({ description: 'ms to read the code from storage.', example: 0.6 })
  readonly fetch_ms!: number;
  @ApiProperty({
    description: 'ms to compile; 0 when that was done before, null without a compiler.',
    type: Number,
    nullable: true,
    example: null,
  })
  readonly compile_ms!: number | null;
  @ApiProperty({
    description: 'Whether the program was compiled before, so that nothing was compiled now.',
    example: false,
  })
  readonly compile_cached!: boolean;
  @ApiProperty({
    description: 'What there was when the program came: a loaded interpreter, an empty sandbox, or none.',
    enum: [...SANDBOX_STARTS, null],
    type: String,
    nullable: true,
    example: 'warm',
  })
  readonly sandbox!: SandboxStart | null;
  @ApiProperty({
    description: 'ms that the program ran; null when it never did.',
    type: Number,
    nullable: true,
    example: 12.4,
  })
  readonly run_ms!: number | null;
  @ApiProperty({ description: 'ms from the request to the result.', example: 14 })
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
  @ApiProperty({ description: 'UUIDv7: ids sort by time.', format: 'uuid', example: ID })
  readonly job_id!: string;
  @ApiProperty({
    description: 'Final are SUCCESS, FAILED, TIMEOUT and CANCELLED.',
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
    description: 'The number of the last execution; 0 before the first.',
    type: 'integer',
    example: 1,
  })
  readonly attempt!: number;
  @ApiProperty({
    description:
      'How many executions are begun up to this one, 1 for the next; null when it is not QUEUED, or the queue cannot know.',
    type: 'integer',
    nullable: true,
    example: null,
  })
  readonly queue_position!: number | null;
  @ApiProperty({ description: 'The canonical id of the language.', example: 'python' })
  readonly language!: string;
  @ApiProperty({ description: 'Where the code is kept.', example: `uploads/${ID}.py` })
  readonly s3_key!: string;
  @ApiProperty({ description: 'As uploaded; null without one.', type: String, nullable: true, example: null })
  readonly project!: string | null;
  @ApiProperty({ description: 'As uploaded; null without one.', type: String, nullable: true, example: null })
  readonly function_name!: string | null;
  @ApiProperty({ description: 'As uploaded; null without one.', type: String, nullable: true, example: null })
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
    description: 'When the last execution began; null before the first.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: TIME,
  })
  readonly started_at!: string | null;
  @ApiProperty({
    description: 'When the last execution ended, or the job was retired.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: TIME,
  })
  readonly completed_at!: string | null;
  @ApiProperty({
    description: 'Of the program; null when a signal ended it, or before it ended.',
    type: 'integer',
    nullable: true,
    example: 0,
  })
  readonly exit_code!: number | null;
  @ApiProperty({
    description: 'The signal that ended the program; null when none did.',
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
    description: 'Bytes that the program wrote to standard output.',
    type: 'integer',
    nullable: true,
    example: 6,
  })
  readonly stdout_bytes!: number | null;
  @ApiProperty({
    description: 'Bytes that the program wrote to standard error.',
    type: 'integer',
    nullable: true,
    example: 0,
  })
  readonly stderr_bytes!: number | null;
  @ApiProperty({ description: 'Whether stdout is only the beginning; the logs have all.', example: false })
  readonly stdout_truncated!: boolean;
  @ApiProperty({ description: 'Whether stderr is only the beginning; the logs have all.', example: false })
  readonly stderr_truncated!: boolean;
  @ApiProperty({
    description: 'What the compiler said; null without a compiler.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/CompileBody' }],
    example: null,
  })
  readonly compile!: CompileBody | null;
  @ApiProperty({
    description:
      'Of an execution with `inputs`: what came of each, in their order; the fields of the job are then those of the first that is not OK. Null of an execution with one input.',
    type: [InputResultBody],
    nullable: true,
    example: null,
  })
  readonly results!: readonly InputResultBody[] | null;
  @ApiProperty({
    description: 'What the program used; null when it never ran.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/ResourceBody' }],
  })
  readonly resource!: ResourceBody | null;
  @ApiProperty({
    description: 'Where the time went; null before the first execution ended.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/TimingsBody' }],
  })
  readonly timings!: TimingsBody | null;
  @ApiProperty({
    description: 'Serves the whole output; null before there is any.',
    type: String,
    nullable: true,
    example: `http://localhost:8000/api/jobs/${ID}/logs`,
  })
  readonly logs_url!: string | null;
  @ApiProperty({
    description: 'A sentence where the verdict does not say it all.',
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

/** A job in a list: without what may be large. */
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
