/** Where a stream of events goes on. */
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { IsOptionalNonNull } from '../../common/validation/fields';

export class EventsQuery {
  @ApiPropertyOptional({
    description: 'The same as Last-Event-ID, which goes before it, for clients that cannot set a header.',
  })
  @IsOptionalNonNull()
  @IsString()
  readonly last_event_id?: string;
}
