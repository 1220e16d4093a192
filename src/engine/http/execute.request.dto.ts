import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsInt,
  IsObject,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { INPUTS_MAX } from '../../engine-contract/inputs';
import {
  AreWellFormedTexts,
  IsWellFormedText,
  IsOptionalNonNull,
  MutuallyExclusiveWith,
} from '../../common/validation/fields';
import type { ExecutionRequest } from '../../engine-contract/execution-request';
import { EXECUTION_ID } from './execution-id.param.dto';
import { LimitsBody } from './limits.body';

const DAY_MS = 86_400_000;

export class EngineExecuteRequest {
  @ApiProperty({
    description: 'Identifies the execution in cancel and status requests.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  @IsString()
  @Matches(EXECUTION_ID, { message: 'must be 1 to 128 letters, digits, dots, underscores or hyphens' })
  readonly job_id!: string;

  @ApiPropertyOptional({
    description:
      'Identifies the client: the queue is fair between clients. The default is the IP address of the sender.',
    minLength: 1,
    maxLength: 128,
    example: '192.0.2.7',
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 128)
  readonly client?: string;

  @ApiProperty({ description: 'The id or an alias of a language.', example: 'python' })
  @IsString()
  @Length(1, 32)
  readonly language!: string;

  @ApiProperty({ description: 'The source code, as one file.', example: 'print("hello")' })
  @IsWellFormedText({ nul: false })
  @MinLength(1)
  readonly code!: string;

  @ApiPropertyOptional({ description: 'The standard input of the program.', default: '' })
  @IsOptionalNonNull()
  @IsWellFormedText({ nul: true })
  @MutuallyExclusiveWith('inputs')
  readonly input?: string;

  @ApiPropertyOptional({
    description:
      'Several standard inputs, instead of `input`. Their total size must not exceed the maximum size of one input. The ' +
      'program is compiled once and runs with each input, in parallel as far as slots are free. Limits apply to each run. ' +
      'The output limit is divided equally between the runs, with at least 1 KiB for each. A failing run does not stop the ' +
      'others; a cancel ends all of them.',
    type: [String],
    minItems: 1,
    maxItems: INPUTS_MAX,
    example: ['1 2\n', '3 4\n'],
  })
  @IsOptionalNonNull()
  @AreWellFormedTexts({ countMax: INPUTS_MAX })
  @MutuallyExclusiveWith('input')
  readonly inputs?: readonly string[];

  @ApiPropertyOptional({
    description: 'Limit of wall time for each run, in ms.',
    type: 'integer',
    default: 5000,
    minimum: 1,
    maximum: DAY_MS,
  })
  @IsOptionalNonNull()
  @IsInt()
  @Min(1)
  @Max(DAY_MS)
  readonly timeout: number = 5000;

  @ApiPropertyOptional({ description: 'Limits that are lower than those of the engine.', type: LimitsBody })
  @IsOptionalNonNull()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsBody)
  readonly limits?: LimitsBody;

  /** @param address the IP address of the sender */
  static toRequest(body: EngineExecuteRequest, address: string): ExecutionRequest {
    const { limits } = body;
    return {
      jobId: body.job_id,
      client: body.client ?? address,
      language: body.language,
      code: body.code,
      input: body.input ?? '',
      inputs: body.inputs,
      timeoutMs: body.timeout,
      limits: limits && LimitsBody.toLimits(limits),
    };
  }
}
