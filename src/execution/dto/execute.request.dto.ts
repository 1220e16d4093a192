/** What a client may send to execute a job. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Min } from 'class-validator';
import { IsWellFormedText, MayBeAbsent } from '../../common/validation/fields';
import { OptionalBody } from '../../common/validation/optional-body';

/** ms, when the client does not say. */
export const TIMEOUT_MS_DEFAULT = 5000;

@OptionalBody()
export class ExecuteRequest {
  @ApiPropertyOptional({
    description: 'Standard input of the program. At most INPUT_MAX_BYTES bytes of UTF-8 (1 MiB by default).',
    default: '',
    example: 'World\n',
  })
  @MayBeAbsent()
  @IsWellFormedText({ nul: true })
  readonly input?: string;

  @ApiPropertyOptional({
    description:
      'ms of wall time for the program, and of CPU time of all its threads together. Compiling does not count.',
    type: 'integer',
    minimum: 1,
    default: TIMEOUT_MS_DEFAULT,
    example: TIMEOUT_MS_DEFAULT,
  })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  readonly timeout?: number;
}

/** The first is what Swagger UI sends when nothing is changed. */
export const EXECUTE_EXAMPLES = {
  defaults: {
    summary: 'No input, the default time limit',
    value: { input: '', timeout: TIMEOUT_MS_DEFAULT },
  },
  input: { summary: 'Input, and one second', value: { input: 'World\n', timeout: 1000 } },
};
