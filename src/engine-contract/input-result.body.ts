/** What came of one input in snake case: a whole report has it, and so has each of many inputs. */
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsNumber, IsObject, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { EndedBody } from './output.body';
import {
  FINAL_STATUSES,
  type FinalStatus,
  type InputResult,
  SANDBOX_STARTS,
  type SandboxStart,
  VERDICTS,
  type Verdict,
  statusOf,
} from './report';
import { ResourceBody } from './resource.body';
import { fromSnakeCase, toSnakeCase } from './snake-case';
import { IsNullable } from '../common/validation/fields';

export class InputResultBody extends EndedBody {
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
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody | null;

  @ApiPropertyOptional({
    description: 'What there was when the program came: a loaded interpreter, an empty sandbox, or none.',
    enum: [...SANDBOX_STARTS, null],
    type: String,
    nullable: true,
    example: 'warm',
  })
  @IsOptional()
  @IsIn(SANDBOX_STARTS)
  readonly sandbox: SandboxStart | null = null;

  @ApiProperty({ description: 'ms in the waiting line.', example: 0.2 })
  @IsNumber()
  @Min(0)
  readonly queued_ms!: number;

  @ApiProperty({
    description: 'A sentence where the verdict does not say it all.',
    type: String,
    nullable: true,
    example: null,
  })
  @IsNullable()
  @IsString()
  readonly error_message!: string | null;

  static fromResult(result: InputResult): InputResultBody {
    return { status: statusOf(result.verdict), ...toSnakeCase(result) };
  }

  static toResult({ status: _status, ...result }: InputResultBody): InputResult {
    return fromSnakeCase<InputResult>(result);
  }
}
