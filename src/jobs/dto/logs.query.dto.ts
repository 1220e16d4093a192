/** Which part of the logs of a job. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { IsOptionalNonNull, QueryInteger } from '../../common/validation/fields';
import { STREAMS, type StreamName } from '../../engine-contract/report';

export class LogsQuery {
  @ApiPropertyOptional({
    description: 'One stream alone; both in the order of capture without it.',
    enum: STREAMS,
  })
  @IsOptionalNonNull()
  @IsIn(STREAMS)
  readonly stream?: StreamName;

  @ApiPropertyOptional({
    description: 'The number of an execution; the latest that has logs without it.',
    type: 'integer',
    minimum: 1,
  })
  @IsOptionalNonNull()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly attempt?: number;
}
