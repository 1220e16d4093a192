import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDateString,
  IsInstance,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { CompileBody } from './compile.body';
import { InputResultBody } from './input-result.body';
import { type ExecutionReport, statusOf } from './report';
import { fromSnakeCase, toSnakeCase } from './snake-case';
import { IsOptionalNonNull, IsNullable } from '../common/validation/fields';

/** The report of an execution, in the API of the engine. */
export class ReportBody extends InputResultBody {
  @ApiProperty({ description: 'The id from the request.', example: '01935d2e-7c1a-7000-8000-000000000000' })
  @IsString()
  readonly job_id!: string;

  @ApiProperty({
    description: 'The compilation; null for a language that is not compiled.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/CompileBody' }],
  })
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => CompileBody)
  readonly compile!: CompileBody | null;

  @ApiPropertyOptional({ description: 'Whether the compiled program came from the cache.', example: false })
  @IsOptional()
  @IsBoolean()
  readonly compile_cached: boolean = false;

  @ApiProperty({
    description: 'The time at which the execution ended.',
    format: 'date-time',
    example: '2026-01-31T12:00:00.000Z',
  })
  @IsDateString()
  readonly completed_at!: string;

  @ApiPropertyOptional({
    description:
      'One result for each of the `inputs`, in the same order. Together they show at most 64 KiB of each stream. The other ' +
      'fields of the report are a summary: verdict, exit code, signal and message of the first input that was cancelled, ' +
      'else of the first that is not OK, else of the first; the sums of bytes and run times; the largest memory; no output.',
    type: [InputResultBody],
  })
  @IsOptionalNonNull()
  @IsArray()
  // ValidateNested alone accepts lists as items, and validates their items.
  @IsInstance(InputResultBody, { each: true })
  @ValidateNested({ each: true })
  @Type(() => InputResultBody)
  readonly results?: readonly InputResultBody[];

  static fromReport(jobId: string, { results, ...report }: ExecutionReport): ReportBody {
    return {
      job_id: jobId,
      status: statusOf(report.verdict),
      ...toSnakeCase(report),
      ...(results && { results: results.map((result) => InputResultBody.fromResult(result)) }),
    };
  }

  static toReport({ job_id: _jobId, status: _status, results, ...report }: ReportBody): ExecutionReport {
    return {
      ...fromSnakeCase<Omit<ExecutionReport, 'results'>>(report),
      ...(results && { results: results.map((result) => InputResultBody.toResult(result)) }),
    };
  }
}
