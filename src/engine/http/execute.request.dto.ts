/** What a gateway sends to have code executed. */
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
    description: 'Names the execution for cancel and status.',
    example: '01935d2e-7c1a-7000-8000-000000000000',
  })
  @IsString()
  @Matches(EXECUTION_ID, { message: 'must be 1 to 128 letters, digits, dots, underscores or hyphens' })
  readonly job_id!: string;

  @ApiPropertyOptional({
    description:
      'Who asks: the waiting line is fair between clients. Without it, the address that the request comes from.',
    minLength: 1,
    maxLength: 128,
    example: '192.0.2.7',
  })
  @IsOptionalNonNull()
  @IsString()
  @Length(1, 128)
  readonly client?: string;

  @ApiProperty({ description: 'The id of a language, or an alias.', example: 'python' })
  @IsString()
  @Length(1, 32)
  readonly language!: string;

  @ApiProperty({ description: 'The program, as one file.', example: 'print("hello")' })
  @IsWellFormedText({ nul: false })
  @MinLength(1)
  readonly code!: string;

  @ApiPropertyOptional({ description: 'Standard input.', default: '' })
  @IsOptionalNonNull()
  @IsWellFormedText({ nul: true })
  @MutuallyExclusiveWith('inputs')
  readonly input?: string;

  @ApiPropertyOptional({
    description:
      'Many standard inputs instead of one, together no larger than one may be. The program is compiled once and runs with ' +
      'each, as the slots allow; limits hold for each run, and its output has an equal share of the output limit, but at ' +
      'least 1 KiB. A run that fails does not stop the others; a cancel ends them all.',
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
    description: 'ms of wall time.',
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

  @ApiPropertyOptional({ description: 'Lower limits than the engine has.', type: LimitsBody })
  @IsOptionalNonNull()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsBody)
  readonly limits?: LimitsBody;

  /** @param address of the caller */
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
