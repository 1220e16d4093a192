import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Min } from 'class-validator';
import { INPUTS_MAX } from '../../engine-contract/inputs';
import {
  AreWellFormedTexts,
  IsWellFormedText,
  IsOptionalNonNull,
  MutuallyExclusiveWith,
} from '../../common/validation/fields';
import { OptionalBody } from '../../common/validation/optional-body';
import { CALLBACK_URL_LENGTH_MAX, IsCallbackUrl } from '../webhooks/callback-url';

/** Milliseconds; the default when EXECUTION_TIMEOUT_MAX allows it. */
export const TIMEOUT_MS_DEFAULT = 5000;

@OptionalBody()
export class ExecuteRequest {
  @ApiPropertyOptional({
    description:
      'The standard input of the program: at most INPUT_MAX_BYTES bytes of UTF-8 (1 MiB by default).',
    default: '',
    example: 'World\n',
  })
  @IsOptionalNonNull()
  @MutuallyExclusiveWith('inputs')
  @IsWellFormedText({ nul: true })
  readonly input?: string;

  @ApiPropertyOptional({
    description:
      'Several standard inputs instead of one `input`. The program is compiled once and run with each of them, and `results` has one result per input, in the same order. Together they have at most INPUT_MAX_BYTES bytes.',
    type: [String],
    minItems: 1,
    maxItems: INPUTS_MAX,
  })
  @IsOptionalNonNull()
  @MutuallyExclusiveWith('input')
  @AreWellFormedTexts({ countMax: INPUTS_MAX })
  readonly inputs?: readonly string[];

  @ApiPropertyOptional({
    description:
      'The time limit in ms for the wall time of the program, and for the CPU time of all its threads together. Compilation does not count.',
    type: 'integer',
    minimum: 1,
    default: TIMEOUT_MS_DEFAULT,
    example: TIMEOUT_MS_DEFAULT,
  })
  @IsOptionalNonNull()
  @IsInt()
  @Min(1)
  readonly timeout?: number;

  @ApiPropertyOptional({
    description:
      'The URL to which the service POSTs the final job, signed according to Standard Webhooks. Delivery is retried for an hour until the receiver accepts it. Requires that CALLBACK_SECRET is set on the service.',
    type: String,
    format: 'uri',
    maxLength: CALLBACK_URL_LENGTH_MAX,
    example: 'https://example.com/executions/done',
  })
  @IsOptionalNonNull()
  @IsCallbackUrl()
  readonly callback_url?: string;
}

/** Swagger UI sends the first example by default. */
export const EXECUTE_EXAMPLES = {
  defaults: {
    summary: 'No input and the default time limit',
    value: { input: '', timeout: TIMEOUT_MS_DEFAULT },
  },
  input: { summary: 'Input and a time limit of one second', value: { input: 'World\n', timeout: 1000 } },
  inputs: { summary: 'Three inputs for one compilation', value: { inputs: ['World\n', 'Moon\n', ''] } },
};
