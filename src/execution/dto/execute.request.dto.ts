/** What a client may send to execute a job. */
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

/** ms, when the client does not say. */
export const TIMEOUT_MS_DEFAULT = 5000;

@OptionalBody()
export class ExecuteRequest {
  @ApiPropertyOptional({
    description: 'Standard input of the program. At most INPUT_MAX_BYTES bytes of UTF-8 (1 MiB by default).',
    default: '',
    example: 'World\n',
  })
  @IsOptionalNonNull()
  @MutuallyExclusiveWith('inputs')
  @IsWellFormedText({ nul: true })
  readonly input?: string;

  @ApiPropertyOptional({
    description: `Several standard inputs instead of one \`input\`: the program is compiled once and run with each, and \`results\` has a result for each, in their order. Together at most INPUT_MAX_BYTES.`,
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
      'ms of wall time for the program, and of CPU time of all its threads together. Compiling does not count.',
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
      'Where the final job is POSTed, signed after Standard Webhooks; repeated for an hour until it is taken. The service needs CALLBACK_SECRET for it.',
    type: String,
    format: 'uri',
    maxLength: CALLBACK_URL_LENGTH_MAX,
    example: 'https://example.com/executions/done',
  })
  @IsOptionalNonNull()
  @IsCallbackUrl()
  readonly callback_url?: string;
}

/** The first is what Swagger UI sends when nothing is changed. */
export const EXECUTE_EXAMPLES = {
  defaults: {
    summary: 'No input, the default time limit',
    value: { input: '', timeout: TIMEOUT_MS_DEFAULT },
  },
  input: { summary: 'Input, and one second', value: { input: 'World\n', timeout: 1000 } },
  inputs: { summary: 'Three inputs, compiled once', value: { inputs: ['World\n', 'Moon\n', ''] } },
};
