import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { IsOptionalNonNull, QueryInteger } from '../../common/validation/fields';
import { STREAMS, type StreamName } from '../../engine-contract/report';

export class LogsQuery {
  @ApiPropertyOptional({
    description: 'Returns only this stream. By default, both are returned in the order of capture.',
    enum: STREAMS,
  })
  @IsOptionalNonNull()
  @IsIn(STREAMS)
  readonly stream?: StreamName;

  @ApiPropertyOptional({
    description: 'The number of the attempt. By default, the latest attempt that has logs.',
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
