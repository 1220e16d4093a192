/** An execution report in snake case: the engine's contract over HTTP. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDateString,
  IsIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { CompileBody } from './compile.body';
import { EndedBody, OutputBody } from './output.body';
import {
  type ExecutionReport,
  FINAL_STATUSES,
  type FinalStatus,
  SANDBOX_STARTS,
  type SandboxStart,
  VERDICTS,
  type Verdict,
  statusOf,
} from './report';
import { ResourceBody } from './resource.body';
import { MayBeNull } from './validation/fields';

export class ReportBody extends EndedBody {
  @ApiProperty({ description: 'As in the request.', example: '01935d2e-7c1a-7000-8000-000000000000' })
  @IsString()
  readonly job_id!: string;

  @ApiProperty({ description: 'Follows from the verdict.', enum: FINAL_STATUSES, example: 'SUCCESS' })
  @IsIn(FINAL_STATUSES)
  readonly status!: FinalStatus;

  @ApiProperty({ description: 'How the execution ended.', enum: VERDICTS, example: 'OK' })
  @IsIn(VERDICTS)
  readonly verdict!: Verdict;

  @ApiProperty({
    description: 'What the program used; null when it never ran.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/ResourceBody' }],
  })
  @MayBeNull()
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody | null;

  @ApiProperty({
    description: 'What the compiler said; null without a compiler.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/CompileBody' }],
  })
  @MayBeNull()
  @IsObject()
  @ValidateNested()
  @Type(() => CompileBody)
  readonly compile!: CompileBody | null;

  @ApiPropertyOptional({ description: 'Whether it was compiled before, and not now.', example: false })
  @IsOptional()
  @IsBoolean()
  readonly compile_cached?: boolean;

  @ApiPropertyOptional({
    description: 'What there was when the program came: a loaded interpreter, an empty sandbox, or none.',
    enum: [...SANDBOX_STARTS, null],
    type: String,
    nullable: true,
    example: 'warm',
  })
  @IsOptional()
  @IsIn(SANDBOX_STARTS)
  readonly sandbox?: SandboxStart | null;

  @ApiProperty({ description: 'ms in the waiting line.', example: 0.2 })
  @IsNumber()
  @Min(0)
  readonly queued_ms!: number;

  @ApiProperty({ description: 'When it ended.', format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  @IsDateString()
  readonly completed_at!: string;

  @ApiProperty({
    description: 'A sentence where the verdict does not say it all.',
    type: String,
    nullable: true,
    example: null,
  })
  @MayBeNull()
  @IsString()
  readonly error_message!: string | null;

  static fromReport(jobId: string, report: ExecutionReport): ReportBody {
    return {
      job_id: jobId,
      status: statusOf(report.verdict),
      verdict: report.verdict,
      exit_code: report.exitCode,
      signal: report.signal,
      ...OutputBody.from(report),
      resource: report.resource && ResourceBody.from(report.resource),
      compile: report.compile && CompileBody.from(report.compile),
      compile_cached: report.compileCached,
      sandbox: report.sandbox,
      queued_ms: report.queuedMs,
      completed_at: report.completedAt,
      error_message: report.errorMessage,
    };
  }

  static toReport(body: ReportBody): ExecutionReport {
    return {
      verdict: body.verdict,
      exitCode: body.exit_code,
      signal: body.signal,
      ...OutputBody.toPreview(body),
      resource: body.resource && ResourceBody.toResource(body.resource),
      compile: body.compile && CompileBody.toReport(body.compile),
      compileCached: body.compile_cached ?? false,
      sandbox: body.sandbox ?? null,
      queuedMs: body.queued_ms,
      completedAt: body.completed_at,
      errorMessage: body.error_message,
    };
  }
}
