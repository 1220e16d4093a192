/** An execution report in snake case: the engine's contract over HTTP. */
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

export class ReportBody extends InputResultBody {
  @ApiProperty({ description: 'As in the request.', example: '01935d2e-7c1a-7000-8000-000000000000' })
  @IsString()
  readonly job_id!: string;

  @ApiProperty({
    description: 'What the compiler said; null without a compiler.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/CompileBody' }],
  })
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => CompileBody)
  readonly compile!: CompileBody | null;

  @ApiPropertyOptional({ description: 'Whether it was compiled before, and not now.', example: false })
  @IsOptional()
  @IsBoolean()
  readonly compile_cached: boolean = false;

  @ApiProperty({ description: 'When it ended.', format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  @IsDateString()
  readonly completed_at!: string;

  @ApiPropertyOptional({
    description:
      'Of `inputs`: what came of each, in their order, which share the 64 KiB that are shown of a stream. The report around ' +
      'them is their summary then: the ending of the first that was cancelled, or else of the first that is not OK, or else ' +
      'of the first; all bytes, times of the runs, and the largest memory together; no output.',
    type: [InputResultBody],
  })
  @IsOptionalNonNull()
  @IsArray()
  // Lists within the list would be walked like the results themselves.
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
