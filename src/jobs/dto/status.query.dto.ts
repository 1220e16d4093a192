/** How long a client wants to wait for another state of a job. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { QueryInteger } from '../../common/validation/fields';

/** s; proxies commonly cut a request off that is silent for a minute. */
export const WAIT_S_MAX = 50;

export class StatusQuery {
  @ApiPropertyOptional({
    description:
      'Seconds to wait for another state than the present one, or than the one that If-None-Match names. Without If-None-Match a final state is answered at once.',
    type: 'integer',
    minimum: 0,
    maximum: WAIT_S_MAX,
    default: 0,
  })
  @QueryInteger()
  @IsInt()
  @Min(0)
  @Max(WAIT_S_MAX)
  readonly wait: number = 0;
}
