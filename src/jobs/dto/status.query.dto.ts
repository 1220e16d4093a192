import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { QueryInteger } from '../../common/validation/fields';

/** Seconds. Proxies commonly end a request after a minute without a byte. */
export const WAIT_S_MAX = 50;

export class StatusQuery {
  @ApiPropertyOptional({
    description:
      'Seconds to wait until the state differs from the current one, or from the one in If-None-Match. Without If-None-Match, a final state is returned at once.',
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
