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

/** The result for one input, in the public API and in the API of the engine. */
export class InputResultBody extends EndedBody {
  @ApiProperty({
    description: 'The status that follows from the verdict.',
    enum: FINAL_STATUSES,
    example: 'SUCCESS',
  })
  @IsIn(FINAL_STATUSES)
  readonly status!: FinalStatus;

  @ApiProperty({ description: 'Why the program ended.', enum: VERDICTS, example: 'OK' })
  @IsIn(VERDICTS)
  readonly verdict!: Verdict;

  @ApiProperty({
    description: 'The resource usage of the program; null when it never ran.',
    nullable: true,
    oneOf: [{ $ref: '#/components/schemas/ResourceBody' }],
  })
  @IsNullable()
  @IsObject()
  @ValidateNested()
  @Type(() => ResourceBody)
  readonly resource!: ResourceBody | null;

  @ApiPropertyOptional({
    description:
      'The state of the sandbox when the program arrived: `warm` with its interpreter loaded, `prepared` and empty, or `cold`, which means not created yet. Null when the program never ran.',
    enum: [...SANDBOX_STARTS, null],
    type: String,
    nullable: true,
    example: 'warm',
  })
  @IsOptional()
  @IsIn(SANDBOX_STARTS)
  readonly sandbox: SandboxStart | null = null;

  @ApiProperty({ description: 'ms in the queue for a slot of the engine.', example: 0.2 })
  @IsNumber()
  @Min(0)
  readonly queued_ms!: number;

  @ApiProperty({
    description: 'A sentence that explains the verdict; null when the verdict says enough.',
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
